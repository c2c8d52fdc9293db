import { randomUUID } from 'node:crypto';
import { bulkhead, BulkheadRejectedError } from 'cockatiel';
import { Fault } from '../../domain/fault.js';
import { fileKeysOf, outputId, parseOutputId } from '../../domain/generation.js';
import type { Generation, Output } from '../../domain/generation.js';
import { extensionOf } from '../../domain/media-type.js';
import type { Item, Workspace } from '../../workspaces.js';
import type { Core } from '../core.js';
import { newId } from '../new-id.js';
import { folderOf } from '../store.js';
import { full, MAX_ITEMS, noSuchWorkspace, requireAccess } from './access.js';

/** Saves copies of the account's own outputs: all of them, or none. */
export type Save = (account: string, id: string, outputs: readonly string[]) => Promise<Item[]>;

// A copy that nobody claims within this is removed: the longest save, 50 films, takes minutes.
const UNCLAIMED_MS = 60 * 60 * 1000;
// On a disk each holds one of Node's four threads for files. The queue has room for ten full calls.
const COPIES_AT_ONCE = 3;
const COPIES_WAITING = 1_000;

/** One output, and where its copy shall lie. */
interface Copy {
  source: Source;
  key: string;
  thumbnailKey: string | null;
}

interface Source {
  generation: Generation;
  index: number;
  output: Output;
}

export function makeSave(core: Core): Save {
  const { workspaces, removals, clock } = core;
  const copyOne = makeCopyOne(core);

  async function copied(copies: readonly Copy[]): Promise<Copy[]> {
    // All are waited for: one still under way would lie there after it was removed.
    const done = await Promise.allSettled(copies.map(copyOne));
    return done.map((one) => {
      if (one.status === 'fulfilled') return one.value;
      throw one.reason instanceof Fault ? one.reason : notCopied(one.reason);
    });
  }

  return async (account, id, outputs) => {
    const { workspace } = await requireAccess(core, account, id, 'WRITE');
    const sources = await findSources(core, account, outputs);
    const copies = sources.map((source) => copyOf(workspace, source));
    const keys = copies.flatMap(fileKeysOf);
    // Before they are made: whatever happens from here on, none is left behind.
    await removals.schedule(keys, clock.now() + UNCLAIMED_MS);
    const discard = (kept: ReadonlySet<string>) =>
      removals.schedule(
        keys.filter((key) => !kept.has(key)),
        clock.now(),
      );

    let made: Copy[];
    try {
      made = await copied(copies);
    } catch (error) {
      await discard(new Set()).catch(() => undefined);
      throw error;
    }
    const items = made.map((copy) => itemOf(core, workspace, account, copy));
    const saved = await workspaces.save(items, MAX_ITEMS);
    await discard(new Set(typeof saved === 'string' ? [] : saved.flatMap(fileKeysOf)));
    if (saved === 'full') throw full();
    if (saved !== 'absent') return saved;
    // Gone, or no longer theirs to write to: which of them, it says itself.
    await requireAccess(core, account, id, 'WRITE');
    throw noSuchWorkspace(id);
  };
}

/** The outputs, each once, in their order. Throws NOT_FOUND for the first that is none of the account's. */
async function findSources(
  { history }: Core,
  account: string,
  outputs: readonly string[],
): Promise<Source[]> {
  const named = outputs.map(parseOutputId);
  const ids = named.flatMap((name) => name?.generationId ?? []);
  const generations = new Map(
    (await history.findMany(account, [...new Set(ids)])).map((found) => [found.id, found]),
  );
  const sources = new Map<string, Source>();
  named.forEach((name, place) => {
    const generation = name ? generations.get(name.generationId) : undefined;
    const output = name ? generation?.outputs[name.index] : undefined;
    if (!name || !generation || !output) throw noSuchOutput(outputs[place] ?? '');
    const { index } = name;
    sources.set(outputId(generation.id, index), { generation, index, output });
  });
  return [...sources.values()];
}

function copyOf({ owner, id }: Workspace, source: Source): Copy {
  const stem = `${folderOf(owner)}/${id}/${randomUUID()}`;
  const { contentType, thumbnailKey } = source.output;
  return {
    source,
    key: `${stem}.${extensionOf(contentType)}`,
    thumbnailKey: thumbnailKey === null ? null : `${stem}-small.webp`,
  };
}

function makeCopyOne({ assets }: Core): (copy: Copy) => Promise<Copy> {
  const lane = bulkhead(COPIES_AT_ONCE, COPIES_WAITING);
  return async (copy) => {
    const { generation, index, output } = copy.source;
    const { key, thumbnailKey } = copy;
    if (!(await lane.execute(() => assets.copy(output.key, key, output.contentType)))) {
      throw noSuchOutput(outputId(generation.id, index));
    }
    if (thumbnailKey === null || output.thumbnailKey === null) return copy;
    const from = output.thumbnailKey;
    const small = await lane.execute(() => assets.copy(from, thumbnailKey, 'image/webp'));
    return small ? copy : { ...copy, thumbnailKey: null };
  };
}

function itemOf(
  { clock }: Core,
  workspace: Workspace,
  account: string,
  { source: { generation, index, output }, key, thumbnailKey }: Copy,
): Item {
  const { contentType, bytes, sha256, width, height, durationMs } = output;
  const savedAt = clock.now();
  return {
    id: `item_${newId(savedAt)}`,
    owner: workspace.owner,
    workspaceId: workspace.id,
    kind: generation.kind,
    source: { account, generationId: generation.id, index },
    savedBy: account,
    savedAt,
    ...{ key, thumbnailKey, contentType, bytes, sha256, width, height, durationMs },
  };
}

function noSuchOutput(id: string): Fault {
  return new Fault(
    'NOT_FOUND',
    `There is no output ${id}, so nothing was saved. Send ids from Generation.outputs of your own generations.`,
  );
}

function notCopied(cause: unknown): Fault {
  if (cause instanceof BulkheadRejectedError) {
    return new Fault(
      'RATE_LIMITED',
      'Too many files are being saved at once, so nothing was saved. Try again in a moment.',
    );
  }
  return new Fault(
    'UNAVAILABLE',
    'The files cannot be copied now, so nothing was saved. Try again in a moment.',
    cause,
  );
}
