import { Fault } from '../domain/fault.js';
import { fileKeysOf } from '../domain/generation.js';
import type { Item } from '../workspaces.js';
import { IDS_A_STATEMENT, chunksOf, marks } from './chunks.js';
import type { Sql } from './database.js';
import { int } from './rows.js';
import type { Value } from './rows.js';

/** Deletes the items that `where` finds; their files are due for removal at `at`. Answers how many there were. */
export async function removeItems(
  sql: Sql,
  where: string,
  values: readonly Value[],
  at: number,
): Promise<number> {
  // Locked first: one that is being moved elsewhere keeps its file.
  const [found] = await sql.rows(
    `SELECT COUNT(*) AS n FROM workspace_items WHERE ${where}${sql.forUpdate}`,
    values,
  );
  if (int(found ?? {}, 'n') === 0) return 0;
  for (const column of ['asset_key', 'thumbnail_key']) {
    // REPLACE is the one upsert that both engines have.
    await sql.change(
      `REPLACE INTO removals (asset_key, due_at)
       SELECT ${column}, ? FROM workspace_items WHERE ${where} AND ${column} IS NOT NULL`,
      [at, ...values],
    );
  }
  return sql.change(`DELETE FROM workspace_items WHERE ${where}`, values);
}

/**
 * Takes new items' files off the list of removals. Throws UNAVAILABLE when one is no longer on it, or due: it may be gone
 * before the item is there.
 */
export async function keepFiles(sql: Sql, items: readonly Item[]): Promise<void> {
  const at = Math.max(...items.map(({ savedAt }) => savedAt));
  const keys = items.flatMap(fileKeysOf);
  let kept = 0;
  for (const some of chunksOf(keys, IDS_A_STATEMENT)) {
    kept += await sql.change(
      `DELETE FROM removals WHERE asset_key IN (${marks(some.length)}) AND due_at > ?`,
      [...some, at],
    );
  }
  if (kept === keys.length) return;
  throw new Fault(
    'UNAVAILABLE',
    'Copying the files took too long, so nothing was saved. Try again.',
  );
}
