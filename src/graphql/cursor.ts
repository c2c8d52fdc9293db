import { Fault } from '../domain/fault.js';

/** Where an entry stands in its list. Opaque to callers, so that what it holds may change. */
export function cursorOf(id: string): string {
  return Buffer.from(id).toString('base64url');
}

/** The entry's id in a cursor. Throws BAD_USER_INPUT for one that was never given out. */
export function idIn(cursor: string): string {
  const id = Buffer.from(cursor, 'base64url').toString();
  if (/^[\w-]{1,64}$/.test(id)) return id;
  throw new Fault(
    'BAD_USER_INPUT',
    '`after` is not a cursor of this list. Pass a `cursor` or `endCursor` as it was answered.',
  );
}
