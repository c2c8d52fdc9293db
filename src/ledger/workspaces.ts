import type { Member, Membership, Workspace, Workspaces } from '../workspaces.js';
import { undo } from './database.js';
import type { Database, Sql, Undo } from './database.js';
import { int } from './rows.js';
import { removeItems } from './workspace-files.js';
import { lockPlace, makeWorkspaceItems } from './workspace-items.js';
import {
  WORKSPACE_COLUMNS,
  W_COLUMNS,
  memberOf,
  membershipOf,
  workspaceOf,
  workspaceRow,
} from './workspace-rows.js';

export { eraseWorkspaces } from './workspace-erasure.js';

/**
 * Locks rows in the order owner → workspace → share → items. What hangs on a workspace is only added while its row is locked, so
 * that nothing is counted wrongly and nothing is left behind when it goes.
 */
export function makeWorkspaces(database: Database): Workspaces {
  return {
    ...makeWorkspaceItems(database),

    create: (workspace, requestKey, maxOwned) =>
      database.transaction<Workspace | 'full' | 'closed'>((sql) =>
        create(sql, workspace, requestKey, maxOwned),
      ),
    access: (account, id) => database.read((sql) => membershipIn(sql, account, id)),
    list: (account, first, before) => database.read((sql) => list(sql, account, first, before)),

    async rename(owner, id, name) {
      await database.read((sql) =>
        sql.change('UPDATE workspaces SET name = ? WHERE owner = ? AND id = ?', [name, owner, id]),
      );
    },

    async remove(owner, id, at) {
      await database.transaction(async (sql) => {
        const place = [owner, id];
        await sql.change('DELETE FROM workspaces WHERE owner = ? AND id = ?', place);
        await sql.change(
          'DELETE FROM workspace_shares WHERE owner = ? AND workspace_id = ?',
          place,
        );
        await removeItems(sql, 'owner = ? AND workspace_id = ?', place, at);
      });
    },

    members: (owner, id) =>
      database.read(async (sql) => {
        const rows = await sql.rows(
          `SELECT account, access, at FROM workspace_shares
           WHERE owner = ? AND workspace_id = ? ORDER BY at, account`,
          [owner, id],
        );
        return rows.map(memberOf);
      }),
    share: (workspace, member, maxMembers) =>
      database.transaction<'shared' | 'full' | 'absent'>((sql) =>
        share(sql, workspace, member, maxMembers),
      ),
    async unshare(owner, id, account) {
      await database.read((sql) =>
        sql.change(
          'DELETE FROM workspace_shares WHERE account = ? AND workspace_id = ? AND owner = ?',
          [account, id, owner],
        ),
      );
    },
  };
}

async function create(
  sql: Sql,
  workspace: Workspace,
  requestKey: string,
  maxOwned: number,
): Promise<Workspace | Undo<'full' | 'closed'>> {
  const { owner } = workspace;
  await lockOwner(sql, owner);
  // Asked under the lock, which a deletion waits for: none is made behind its back.
  if ((await sql.rows('SELECT 1 FROM erasures WHERE account = ?', [owner])).length > 0) {
    return undo('closed');
  }
  const [standing] = await sql.rows(
    `SELECT ${WORKSPACE_COLUMNS} FROM workspaces WHERE owner = ? AND request_key = ?`,
    [owner, requestKey],
  );
  if (standing) return workspaceOf(standing);
  const [owned] = await sql.rows('SELECT COUNT(*) AS n FROM workspaces WHERE owner = ?', [owner]);
  if (int(owned ?? {}, 'n') >= maxOwned) return undo('full');
  if (await sql.insert('workspaces', [workspaceRow(workspace, requestKey)])) return workspace;
  throw new Error('A workspace appeared while its owner was locked.');
}

/** Until the transaction ends, nobody else makes a workspace of this owner. */
async function lockOwner(sql: Sql, owner: string): Promise<void> {
  const lock = () =>
    sql.rows(`SELECT owner FROM workspace_owners WHERE owner = ?${sql.forUpdate}`, [owner]);
  const [row] = await lock();
  // The first one ever, or one of several at once: then it waits for the other.
  if (!row && !(await sql.insert('workspace_owners', [{ owner }]))) await lock();
}

async function membershipIn(sql: Sql, account: string, id: string): Promise<Membership | null> {
  const [row] = await sql.rows(
    `SELECT ${WORKSPACE_COLUMNS}, 'OWNER' AS access FROM workspaces WHERE owner = ? AND id = ?
     UNION ALL SELECT ${W_COLUMNS}, s.access FROM workspace_shares s
       JOIN workspaces w ON w.owner = s.owner AND w.id = s.workspace_id
       WHERE s.account = ? AND s.workspace_id = ?`,
    [account, id, account, id],
  );
  return row ? membershipOf(row) : null;
}

/** Each half by its own primary key, and no further than the page. */
async function list(
  sql: Sql,
  account: string,
  first: number,
  before: string | null,
): Promise<Membership[]> {
  const page = (column: string) =>
    `${before === null ? '' : ` AND ${column} < ?`} ORDER BY ${column} DESC LIMIT ?`;
  const half = before === null ? [account, first] : [account, before, first];
  const rows = await sql.rows(
    `SELECT * FROM (SELECT ${WORKSPACE_COLUMNS}, 'OWNER' AS access FROM workspaces
       WHERE owner = ?${page('id')}) AS owned
     UNION ALL
     SELECT * FROM (SELECT ${W_COLUMNS}, s.access FROM workspace_shares s
       JOIN workspaces w ON w.owner = s.owner AND w.id = s.workspace_id
       WHERE s.account = ?${page('s.workspace_id')}) AS shared
     ORDER BY id DESC LIMIT ?`,
    [...half, ...half, first],
  );
  return rows.map(membershipOf);
}

async function share(
  sql: Sql,
  workspace: Workspace,
  { account, access, at }: Member,
  maxMembers: number,
): Promise<'shared' | Undo<'full' | 'absent'>> {
  const { owner, id } = workspace;
  if (!(await lockPlace(sql, workspace))) return undo('absent');
  const changed = await sql.change(
    'UPDATE workspace_shares SET access = ? WHERE account = ? AND workspace_id = ? AND owner = ?',
    [access, account, id, owner],
  );
  if (changed > 0) return 'shared';
  const [members] = await sql.rows(
    'SELECT COUNT(*) AS n FROM workspace_shares WHERE owner = ? AND workspace_id = ?',
    [owner, id],
  );
  if (int(members ?? {}, 'n') >= maxMembers) return undo('full');
  await sql.insert('workspace_shares', [{ account, workspace_id: id, owner, access, at }]);
  return 'shared';
}
