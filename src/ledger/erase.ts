import { END_STATUSES } from '../domain/generation.js';
import { marks } from './chunks.js';
import { undo } from './database.js';
import type { Sql, Undo } from './database.js';
import { intOrNull, text } from './rows.js';

/** The end states, as SQL lists them. */
export const ENDED = END_STATUSES.map((status) => `'${status}'`).join(', ');
// What took the place of a provider's words, which may repeat the prompt.
const ERASED_FAILURE = 'Its content was deleted.';
const ERASED_REASON = 'Given back. Why is no longer known: the content was deleted.';

/** Deletes one generation's content, once. The call that did it may be repeated: it is told by its instant. */
export async function eraseOne(
  sql: Sql,
  account: string,
  id: string,
  at: number,
): Promise<'erased' | Undo<'erased' | 'open' | 'absent'>> {
  if ((await eraseEnded(sql, account, [id], at)) > 0) return 'erased';
  const [row] = await sql.rows('SELECT deleted_at FROM generations WHERE account = ? AND id = ?', [
    account,
    id,
  ]);
  if (!row) return undo('absent');
  const deletedAt = intOrNull(row, 'deleted_at');
  if (deletedAt === null) return undo('open');
  return undo(deletedAt === at ? 'erased' : 'absent');
}

/**
 * Deletes the content of those that have ended and still have it; answers how many. What the ledger counts stays, and the request
 * key, so that the same request is never charged again.
 */
export async function eraseEnded(
  sql: Sql,
  account: string,
  ids: readonly string[],
  at: number,
): Promise<number> {
  const those = marks(ids.length);
  const erased = await sql.change(
    `UPDATE generations SET deleted_at = ?, prompt = NULL, settings = NULL, inputs = '[]', parent = NULL,
       request_id = '', content_hash = '',
       failure_message = CASE WHEN failure_code IS NULL THEN NULL ELSE '${ERASED_FAILURE}' END
     WHERE account = ? AND id IN (${those}) AND status IN (${ENDED}) AND deleted_at IS NULL`,
    [at, account, ...ids],
  );
  if (erased === 0) return 0;
  // Of no other than those: who is asked to erase more than has ended must not lose anything of the rest.
  const marked = await sql.rows(
    `SELECT id FROM generations WHERE account = ? AND id IN (${those}) AND deleted_at = ?`,
    [account, ...ids, at],
  );
  await eraseRest(
    sql,
    account,
    marked.map((row) => text(row, 'id')),
    at,
  );
  return erased;
}

async function eraseRest(
  sql: Sql,
  account: string,
  ids: readonly string[],
  at: number,
): Promise<void> {
  const those = `(${marks(ids.length)})`;
  for (const column of ['asset_key', 'thumbnail_key']) {
    // REPLACE is the upsert that both engines have: a file written down for later goes now.
    await sql.change(
      `REPLACE INTO removals (asset_key, due_at) SELECT ${column}, ? FROM outputs
       WHERE account = ? AND generation_id IN ${those} AND ${column} IS NOT NULL`,
      [at, account, ...ids],
    );
  }
  for (const statement of [
    `DELETE FROM outputs WHERE account = ? AND generation_id IN ${those}`,
    `DELETE FROM prompt_words WHERE account = ? AND generation_id IN ${those}`,
    `UPDATE generations SET parent = NULL WHERE account = ? AND parent IN ${those}`,
    // A reason of our own repeats the failure's words; an operator's is kept.
    `UPDATE entries SET reason = '${ERASED_REASON}'
     WHERE account = ? AND subject IN ${those} AND kind = 'RESTORE' AND actor = 'system'`,
  ]) {
    await sql.change(statement, [account, ...ids]);
  }
}
