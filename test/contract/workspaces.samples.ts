import { randomUUID } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type { Database } from '../../src/ledger/database.js';
import type { Item, Workspace, Workspaces } from '../../src/workspaces.js';

export interface WorkspacesHarness {
  workspaces: Workspaces;
  database: Database;
}

export const NOW = Date.UTC(2026, 10, 23, 12);
export const LATER = NOW + 3_600_000;
export const MANY = 1_000;

export const newAccount = (): string => `acct-${randomUUID()}`;

export function aWorkspace(owner: string, changes: Partial<Workspace> = {}): Workspace {
  return { id: `ws_${uuidv7()}`, owner, name: 'Autumn campaign', createdAt: NOW, ...changes };
}

export async function made(workspaces: Workspaces, owner: string): Promise<Workspace> {
  const workspace = await workspaces.create(aWorkspace(owner), randomUUID(), MANY);
  if (typeof workspace === 'string') throw new Error(workspace);
  return workspace;
}

/** Of the owner's own output, unless said otherwise; every call's is another output. */
export function anItem(workspace: Workspace, changes: Partial<Item> = {}): Item {
  const savedBy = changes.savedBy ?? workspace.owner;
  const stem = `0123456789abcdef/${workspace.id}/${randomUUID()}`;
  return {
    id: `item_${uuidv7()}`,
    owner: workspace.owner,
    workspaceId: workspace.id,
    kind: 'image',
    source: { account: savedBy, generationId: uuidv7(), index: 0 },
    savedBy,
    savedAt: NOW,
    key: `${stem}.png`,
    thumbnailKey: `${stem}-small.webp`,
    contentType: 'image/png',
    bytes: 5_000_000_000,
    sha256: 'a'.repeat(64),
    width: 512,
    height: 384,
    durationMs: 1_500.5,
    ...changes,
  };
}

/** The same output, copied once more. */
export const again = (item: Item): Item =>
  anItem(
    { id: item.workspaceId, owner: item.owner, name: '', createdAt: 0 },
    { source: item.source, savedBy: item.savedBy },
  );

const keysOf = ({ key, thumbnailKey }: Item): string[] =>
  thumbnailKey === null ? [key] : [key, thumbnailKey];

/** Writes the items' files down for removal, as it is done before they are copied. */
export async function schedule(database: Database, items: readonly Item[], dueAt = LATER) {
  const rows = items.flatMap(keysOf).map((key) => ({ asset_key: key, due_at: dueAt }));
  await database.transaction((sql) => sql.insert('removals', rows));
}

/** When each of the items' files is due for removal; null: it is kept. */
export async function dueOf(database: Database, item: Item): Promise<(number | null)[]> {
  return database.read((sql) =>
    Promise.all(
      keysOf(item).map(async (key) => {
        const [row] = await sql.rows('SELECT due_at FROM removals WHERE asset_key = ?', [key]);
        return row ? Number(row.due_at) : null;
      }),
    ),
  );
}

/** Saves items as the use case does. */
export async function save(
  { workspaces, database }: WorkspacesHarness,
  items: readonly Item[],
  maxItems = MANY,
) {
  await schedule(database, items);
  return workspaces.save(items, maxItems);
}

export async function saved(harness: WorkspacesHarness, item: Item): Promise<Item> {
  const answer = await save(harness, [item]);
  if (typeof answer === 'string') throw new Error(answer);
  return answer[0]!;
}

/** Accounts under deletion are written down here. */
export async function close(database: Database, account: string): Promise<void> {
  const row = { account, alias: 'deleted-x', operator: 'op', reason: 'asked', at: NOW };
  await database.transaction((sql) => sql.insert('erasures', [row]));
}
