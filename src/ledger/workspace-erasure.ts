import { IDS_A_STATEMENT, marks } from './chunks.js';
import type { Sql } from './database.js';
import { text } from './rows.js';
import { removeItems } from './workspace-files.js';

/**
 * Takes an account out of all workspaces, at most 500 rows of a kind at a time: its own go with their shares, items and files; what
 * was shared with it is so no more; what it saved in others' workspaces stays there under the alias. False: there is more to
 * do, in another transaction. May be repeated.
 */
export async function eraseWorkspaces(
  sql: Sql,
  account: string,
  alias: string,
  at: number,
): Promise<boolean> {
  // From here on nobody finds them, and nothing is added to them: what hangs on them may take its time.
  await sql.change('DELETE FROM workspace_owners WHERE owner = ?', [account]);
  await sql.change('DELETE FROM workspaces WHERE owner = ?', [account]);
  const steps = [
    () => deleteShares(sql, 'owner', account),
    () => deleteItems(sql, account, at),
    // Before the names: a save under way holds its share, and is waited for.
    () => deleteShares(sql, 'account', account),
    () => renameSaver(sql, account, alias),
  ];
  for (const step of steps) {
    if ((await step()) === IDS_A_STATEMENT) return false;
  }
  return true;
}

async function deleteShares(sql: Sql, side: 'owner' | 'account', account: string): Promise<number> {
  const rows = await sql.rows(
    `SELECT account, workspace_id FROM workspace_shares WHERE ${side} = ? LIMIT ${IDS_A_STATEMENT}`,
    [account],
  );
  for (const row of rows) {
    await sql.change('DELETE FROM workspace_shares WHERE account = ? AND workspace_id = ?', [
      text(row, 'account'),
      text(row, 'workspace_id'),
    ]);
  }
  return rows.length;
}

async function deleteItems(sql: Sql, account: string, at: number): Promise<number> {
  const ids = await itemIds(sql, 'owner', account);
  if (ids.length > 0) {
    await removeItems(sql, `owner = ? AND id IN (${marks(ids.length)})`, [account, ...ids], at);
  }
  return ids.length;
}

async function renameSaver(sql: Sql, account: string, alias: string): Promise<number> {
  const ids = await itemIds(sql, 'saved_by', account);
  if (ids.length > 0) {
    await sql.change(
      `UPDATE workspace_items SET saved_by = ?, source_account = ?
       WHERE saved_by = ? AND id IN (${marks(ids.length)})`,
      [alias, alias, account, ...ids],
    );
  }
  return ids.length;
}

async function itemIds(sql: Sql, column: 'owner' | 'saved_by', account: string): Promise<string[]> {
  const rows = await sql.rows(
    `SELECT id FROM workspace_items WHERE ${column} = ? LIMIT ${IDS_A_STATEMENT}`,
    [account],
  );
  return rows.map((row) => text(row, 'id'));
}
