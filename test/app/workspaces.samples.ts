import { randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import type { Item, Membership } from '../../src/app/workspaces.js';
import { eventually } from '../world/eventually.js';
import { delivered } from '../world/puppet.js';
import { press, type World } from '../world/world.js';

export const newAccount = (): string => `account-${randomUUID()}`;
export const nothing = `ws_${randomUUID()}`;

/** Makes `count` outputs in one generation; answers their ids. */
export async function outputsOf(
  { app, provider }: World,
  account: string,
  count = 1,
): Promise<string[]> {
  provider.always(delivered(count));
  const answer = await app.generate(account, press(undefined, { outputCount: count }));
  if (answer.kind !== 'accepted') throw new Error(answer.kind);
  const { id } = answer.generation;
  await eventually(async () => {
    expect((await app.generation(account, id))?.outputs).toHaveLength(count);
  });
  return Array.from({ length: count }, (_, index) => `${id}.${index}`);
}

export async function workspaceOf({ app }: World, account: string): Promise<Membership> {
  return app.workspaces.create(account, randomUUID(), 'Autumn campaign');
}

export const idOf = ({ workspace }: Membership): string => workspace.id;

export const filesOf = ({ key, thumbnailKey }: Pick<Item, 'key' | 'thumbnailKey'>): string[] =>
  thumbnailKey === null ? [key] : [key, thumbnailKey];

/** The bytes at a key; null when there is no such file. */
export async function bytesOf({ core }: World, key: string): Promise<Buffer | null> {
  const opened = await core.assets.open(key);
  return opened && buffer(opened.stream);
}

/** How an attempt ended: what it answered, or the code and words of its fault. */
export async function endOf(attempt: Promise<unknown>): Promise<unknown> {
  return attempt.catch((error: unknown) => {
    const { code, message } = error as { code?: string; message: string };
    if (code === undefined) throw error;
    return `${code}: ${message}`;
  });
}
