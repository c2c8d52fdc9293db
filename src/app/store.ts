import { createHash, randomBytes } from 'node:crypto';
import { TooLarge, type Content, type Received } from '../assets.js';
import type { ActionKind } from '../domain/catalog.js';
import { fileKeysOf, type Generation, type Output } from '../domain/generation.js';
import { extensionOf, isAccepted } from '../domain/media-type.js';
import type { Core } from './core.js';

const MIB = 2 ** 20;
// Two minutes of video at 32 Mbit/s; pictures, sounds and styles are far smaller.
const MAX_BYTES: Readonly<Record<ActionKind, number>> = {
  video: 512 * MIB,
  changes: 512 * MIB,
  audio: 128 * MIB,
  image: 64 * MIB,
  style: 64 * MIB,
  frame: 64 * MIB,
  prompt: MIB,
};
// Far longer than settling is tried for: files that no settlement has taken by then belong to nothing.
const SETTLED_WITHIN_MS = 60 * 60 * 1000;

/** Why a file is not stored: not what the action makes, or more than it may be. */
export type Unstorable = 'wrong-type' | 'too-large';

/** Where the files of one generation are put. */
export type Place = Pick<Generation, 'account' | 'id' | 'kind' | 'deadlineAt'>;

/**
 * Receives one file, looks at what it really is, and keeps it with a small picture of it. Throws when it cannot be stored; what
 * is left behind then, or when nothing settles with it, goes by itself.
 */
export async function storeFile(
  core: Core,
  place: Place,
  index: number,
  content: Content,
  limits: { maxBytes?: number; signal?: AbortSignal } = {},
): Promise<Output | Unstorable> {
  let received: Received;
  try {
    received = await core.assets.receive(content, { maxBytes: MAX_BYTES[place.kind], ...limits });
  } catch (error) {
    if (error instanceof TooLarge) return 'too-large';
    throw error;
  }
  try {
    const facts = await core.media.inspect(received.path, (contentType) =>
      isAccepted(place.kind, contentType),
    );
    if (!facts || !isAccepted(place.kind, facts.contentType)) return 'wrong-type';
    const thumbnail = await thumbnailOf(core, received, facts);
    const stem = stemOf(place, index);
    const key = `${stem}.${extensionOf(facts.contentType)}`;
    const thumbnailKey = thumbnail && `${stem}-small.webp`;
    await announce(core, place, fileKeysOf({ key, thumbnailKey }));
    await core.assets.put(key, received, facts.contentType);
    if (thumbnail && thumbnailKey) await putBytes(core, thumbnailKey, thumbnail, 'image/webp');
    const { bytes, sha256 } = received;
    return { ...facts, key, bytes, sha256, thumbnailKey };
  } finally {
    await received.discard();
  }
}

/**
 * Puts files on the list of what has to go before they are made; the settlement takes them off. So a process that dies in between
 * leaves nothing behind. With the ledger away it is not worth losing what was delivered: settling insists for longer.
 */
async function announce(core: Core, place: Place, keys: readonly string[]): Promise<void> {
  const { removals, clock, log } = core;
  try {
    await removals.schedule(keys, Math.max(clock.now(), place.deadlineAt) + SETTLED_WITHIN_MS);
  } catch (error) {
    log.warn({ err: error, generation: place.id }, 'files were stored without being announced');
  }
}

/** Removes files that turned out superfluous: soon, and for sure. */
export async function discardFiles(core: Core, outputs: readonly Output[]): Promise<void> {
  const keys = outputs.flatMap(fileKeysOf);
  if (keys.length > 0) await core.removals.schedule(keys, core.clock.now());
}

/** Account names are the partner's own; a digest keeps them out of paths and links. */
export function folderOf(account: string): string {
  return createHash('sha256').update(account).digest('hex').slice(0, 16);
}

/** Random at the end: two dispatches of one generation never write to one key, so a key's content never changes. */
function stemOf({ account, id }: Place, index: number): string {
  return `${folderOf(account)}/${id}/${index}-${randomBytes(6).toString('hex')}`;
}

async function thumbnailOf(
  core: Core,
  received: Received,
  facts: Parameters<Core['media']['thumbnail']>[1],
): Promise<Uint8Array | null> {
  try {
    return await core.media.thumbnail(received.path, facts);
  } catch (error) {
    // A picture too odd to shrink is still the person's: it goes without a small one.
    core.log.warn({ err: error }, 'no thumbnail could be made');
    return null;
  }
}

async function putBytes(
  { assets }: Core,
  key: string,
  bytes: Uint8Array,
  contentType: string,
): Promise<void> {
  const received = await assets.receive(bytes, { maxBytes: bytes.byteLength });
  try {
    await assets.put(key, received, contentType);
  } finally {
    await received.discard();
  }
}
