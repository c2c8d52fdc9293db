import { createHash, randomBytes } from 'node:crypto';
import { TooLarge, type Content, type Received } from '../assets.js';
import type { ActionKind } from '../domain/catalog.js';
import type { Generation, Output } from '../domain/generation.js';
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
const THUMBNAIL_MAX_BYTES = MIB;

/** Why a file is not stored: not what the action makes, or more than it may be. */
export type Unstorable = 'wrong-type' | 'too-large';

/** Where the files of one generation are put. */
export type Place = Pick<Generation, 'account' | 'id' | 'kind'>;

/**
 * Receives one file, looks at what it really is, and keeps it with a small picture of it. Throws when it cannot be stored;
 * nothing is left behind then, as far as the store can still be reached.
 */
export async function storeFile(
  core: Core,
  place: Place,
  index: number,
  content: Content,
  maxBytes = MAX_BYTES[place.kind],
): Promise<Output | Unstorable> {
  let received: Received;
  try {
    received = await core.assets.receive(content, { maxBytes });
  } catch (error) {
    if (error instanceof TooLarge) return 'too-large';
    throw error;
  }
  try {
    const facts = await core.media.inspect(received.path);
    if (!facts || !isAccepted(place.kind, facts.contentType)) return 'wrong-type';
    const stem = stemOf(place, index);
    const key = `${stem}.${extensionOf(facts.contentType)}`;
    await core.assets.put(key, received, facts.contentType);
    const thumbnailKey = await storeThumbnail(core, stem, await thumbnailOf(core, received, facts));
    const { bytes, sha256 } = received;
    return { ...facts, key, bytes, sha256, thumbnailKey };
  } finally {
    await received.discard();
  }
}

/** Removes files that turned out superfluous: soon, and for sure. */
export async function discardFiles(core: Core, outputs: readonly Output[]): Promise<void> {
  const keys = outputs.flatMap(({ key, thumbnailKey }) => [
    key,
    ...(thumbnailKey ? [thumbnailKey] : []),
  ]);
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

async function storeThumbnail(
  core: Core,
  stem: string,
  thumbnail: Uint8Array | null,
): Promise<string | null> {
  if (!thumbnail) return null;
  const received = await core.assets.receive(thumbnail, { maxBytes: THUMBNAIL_MAX_BYTES });
  try {
    const key = `${stem}-small.webp`;
    await core.assets.put(key, received, 'image/webp');
    return key;
  } finally {
    await received.discard();
  }
}
