import type { Access, Item, Membership, Workspace, Workspaces } from '../workspaces.js';
import { marks } from './chunks.js';
import { undo } from './database.js';
import type { Database, Sql, Undo } from './database.js';
import { int, text } from './rows.js';
import { keepFiles, removeItems } from './workspace-files.js';
import { ITEM_COLUMNS, I_COLUMNS, itemOf, itemRow } from './workspace-rows.js';

type Items = Pick<Workspaces, 'items' | 'item' | 'save' | 'move' | 'removeItem'>;
type Place = Pick<Workspace, 'owner' | 'id'>;

const IN_WORKSPACE = 'owner = ? AND workspace_id = ?';

export function makeWorkspaceItems(database: Database): Items {
  return {
    items: (owner, id, first, before) =>
      database.read(async (sql) => {
        const rows = await sql.rows(
          `SELECT ${ITEM_COLUMNS} FROM workspace_items
           WHERE ${IN_WORKSPACE}${before === null ? '' : ' AND id < ?'} ORDER BY id DESC LIMIT ?`,
          [owner, id, ...(before === null ? [] : [before]), first],
        );
        return rows.map(itemOf);
      }),
    item: (account, itemId) => database.read((sql) => itemFor(sql, account, itemId)),
    save: (items, maxItems) =>
      database.transaction<Item[] | 'full' | 'absent'>((sql) => save(sql, items, maxItems)),
    move: (item, to, maxItems, at) =>
      database.transaction<Item | 'full' | 'absent'>((sql) => move(sql, item, to, maxItems, at)),
    async removeItem(item, at) {
      await database.transaction((sql) => removeOne(sql, item, at));
    },
  };
}

async function itemFor(
  sql: Sql,
  account: string,
  itemId: string,
): Promise<{ item: Item; membership: Membership } | null> {
  const [row] = await sql.rows(
    `SELECT ${I_COLUMNS}, w.name AS workspace_name, w.created_at AS workspace_created_at,
       CASE WHEN w.owner = ? THEN 'OWNER' ELSE s.access END AS access
     FROM workspace_items i
     JOIN workspaces w ON w.owner = i.owner AND w.id = i.workspace_id
     LEFT JOIN workspace_shares s ON s.account = ? AND s.workspace_id = w.id AND s.owner = w.owner
     WHERE i.id = ? AND (w.owner = ? OR s.account IS NOT NULL)`,
    [account, account, itemId, account],
  );
  if (!row) return null;
  const item = itemOf(row);
  const workspace = {
    id: item.workspaceId,
    owner: item.owner,
    name: text(row, 'workspace_name'),
    createdAt: int(row, 'workspace_created_at'),
  };
  return { item, membership: { workspace, access: text(row, 'access') as Access } };
}

async function save(
  sql: Sql,
  items: readonly Item[],
  maxItems: number,
): Promise<Item[] | Undo<'full' | 'absent'>> {
  const [sample] = items;
  if (!sample) return [];
  const place = { owner: sample.owner, id: sample.workspaceId };
  if (!(await lockPlace(sql, place)) || !(await lockRight(sql, place, sample.savedBy))) {
    return undo('absent');
  }
  const standing = await standingIn(sql, place, items);
  const added = items.filter((item) => !standing.has(sourceOf(item)));
  if (added.length > 0) {
    if (!(await hasRoom(sql, place, added.length, maxItems))) return undo('full');
    if (!(await sql.insert('workspace_items', added.map(itemRow)))) {
      throw new Error('An item appeared while its workspace was locked.');
    }
    await keepFiles(sql, added);
  }
  return items.map((item) => standing.get(sourceOf(item)) ?? item);
}

async function move(
  sql: Sql,
  item: Item,
  to: Workspace,
  maxItems: number,
  at: number,
): Promise<Item | Undo<'full' | 'absent'>> {
  if (!(await lockPlace(sql, to))) return undo('absent');
  const standing = (await standingIn(sql, to, [item])).get(sourceOf(item));
  if (standing) {
    const gone = standing.id === item.id || (await removeOne(sql, item, at)) > 0;
    return gone ? standing : undo('absent');
  }
  if (!(await hasRoom(sql, to, 1, maxItems))) return undo('full');
  const moved = await sql.change(
    `UPDATE workspace_items SET owner = ?, workspace_id = ? WHERE ${IN_WORKSPACE} AND id = ?`,
    [to.owner, to.id, item.owner, item.workspaceId, item.id],
  );
  return moved > 0 ? { ...item, owner: to.owner, workspaceId: to.id } : undo('absent');
}

function removeOne(sql: Sql, { owner, workspaceId, id }: Item, at: number): Promise<number> {
  return removeItems(sql, `${IN_WORKSPACE} AND id = ?`, [owner, workspaceId, id], at);
}

/** Until the transaction ends, the workspace stays and nobody else adds to it. False: it is gone. */
export async function lockPlace(sql: Sql, { owner, id }: Place): Promise<boolean> {
  const rows = await sql.rows(
    `SELECT id FROM workspaces WHERE owner = ? AND id = ?${sql.forUpdate}`,
    [owner, id],
  );
  return rows.length > 0;
}

/** Until the transaction ends, a member's right to write stays. False: there is none (any more). */
async function lockRight(sql: Sql, { owner, id }: Place, account: string): Promise<boolean> {
  if (account === owner) return true;
  const rows = await sql.rows(
    `SELECT access FROM workspace_shares
     WHERE account = ? AND workspace_id = ? AND owner = ? AND access = 'WRITE'${sql.forUpdate}`,
    [account, id, owner],
  );
  return rows.length > 0;
}

/** What is saved there of the same outputs, by where it came from. */
async function standingIn(
  sql: Sql,
  { owner, id }: Place,
  items: readonly Item[],
): Promise<Map<string, Item>> {
  const accounts = [...new Set(items.map(({ source }) => source.account))];
  const generations = [...new Set(items.map(({ source }) => source.generationId))];
  const rows = await sql.rows(
    `SELECT ${ITEM_COLUMNS} FROM workspace_items WHERE ${IN_WORKSPACE}
     AND source_account IN (${marks(accounts.length)}) AND generation_id IN (${marks(generations.length)})`,
    [owner, id, ...accounts, ...generations],
  );
  return new Map(rows.map(itemOf).map((item) => [sourceOf(item), item]));
}

function sourceOf({ source }: Item): string {
  return `${source.generationId}.${source.index}.${source.account}`;
}

async function hasRoom(
  sql: Sql,
  { owner, id }: Place,
  added: number,
  maxItems: number,
): Promise<boolean> {
  const [held] = await sql.rows(`SELECT COUNT(*) AS n FROM workspace_items WHERE ${IN_WORKSPACE}`, [
    owner,
    id,
  ]);
  return int(held ?? {}, 'n') + added <= maxItems;
}
