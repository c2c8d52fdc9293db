import { v7 as uuidv7 } from 'uuid';
import type { Generation } from '../../src/domain/generation.js';
import type { HistoryFilter } from '../../src/history.js';
import { anOutput, ended, opened } from './ledger.samples.js';
import type { LedgerHarness } from './ledger.samples.js';

/** One opened at an instant, which its id says, too. */
export function openedAt(
  { ledger }: LedgerHarness,
  account: string,
  createdAt: number,
  changes: Partial<Generation> = {},
): Promise<Generation> {
  return opened(ledger, account, { createdAt, id: uuidv7({ msecs: createdAt }), ...changes });
}

/** One that delivered files of its own, with thumbnails. */
export async function delivered(
  { ledger }: LedgerHarness,
  account: string,
  changes: Partial<Generation> = {},
): Promise<Generation> {
  const id = changes.id ?? uuidv7();
  return ended(
    ledger,
    account,
    'SUCCEEDED',
    { ...changes, id },
    {
      outputs: [
        { ...anOutput, key: `${id}/0.png`, thumbnailKey: `${id}/0-small.webp` },
        { ...anOutput, key: `${id}/1.png` },
      ],
    },
  );
}

export const filesOf = ({ outputs }: Generation): string[] =>
  outputs.flatMap(({ key, thumbnailKey }) => (thumbnailKey === null ? [key] : [key, thumbnailKey]));

/** What a filter finds, by id, the newest first. */
export async function found(
  { history }: LedgerHarness,
  account: string,
  filter: HistoryFilter,
): Promise<string[]> {
  return (await history.list(account, 100, null, filter)).map(({ id }) => id);
}

/** Those of `keys` that are due for removal by then. */
export async function dueOf(
  { removals }: LedgerHarness,
  keys: readonly string[],
  at: number,
): Promise<string[]> {
  const due = new Set(await removals.due(at, 100_000));
  return keys.filter((key) => due.has(key));
}

/** Keeps an output of a generation in a workspace. */
export async function saved(
  { database }: LedgerHarness,
  workspace: { owner: string; id: string },
  generation: Generation,
  idx: number,
): Promise<void> {
  const id = `item_${uuidv7()}`;
  await database.read((sql) =>
    sql.insert('workspace_items', [
      {
        owner: workspace.owner,
        workspace_id: workspace.id,
        id,
        source_account: generation.account,
        generation_id: generation.id,
        idx,
        asset_key: `${id}.png`,
        thumbnail_key: null,
        content_type: 'image/png',
        bytes: 1,
        sha256: 'a'.repeat(64),
        width: null,
        height: null,
        duration_ms: null,
        kind: generation.kind,
        saved_by: generation.account,
        saved_at: generation.createdAt,
      },
    ]),
  );
}
