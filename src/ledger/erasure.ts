import type { Deletion, Erasure } from '../erasure.js';
import { marks } from './chunks.js';
import { undo } from './database.js';
import type { Database, Sql, Undo } from './database.js';
import { ENDED, eraseEnded } from './erase.js';
import { int, text } from './rows.js';
import type { Row } from './rows.js';
import { eraseWorkspaces } from './workspaces.js';

// Some twenty statements, each by index: well within the time one transaction has.
const GENERATIONS_A_STEP = 200;
const COLUMNS = 'account, alias, operator, reason, at';

/**
 * The account's subscription is closed first and renamed last: a row that is closed says that there is something left to do, and
 * every step holds its lock. What a generation has used goes over to the alias with it, from period row to period row: so both
 * names pass the audit after every step.
 */
export function makeErasure(database: Database): Erasure {
  return {
    begin: (deletion) =>
      database.transaction<Deletion | null>((sql) => closeAccount(sql, deletion)),
    step: (deletion, at) => database.transaction((sql) => step(sql, deletion, at)),

    async finish({ account, alias }) {
      await database.transaction((sql) =>
        sql.change('DELETE FROM erasures WHERE account = ? AND alias = ?', [account, alias]),
      );
    },

    unfinished: (limit) =>
      database.read(async (sql) => {
        const rows = await sql.rows(
          `SELECT ${COLUMNS} FROM erasures ORDER BY at, account LIMIT ?`,
          [limit],
        );
        return rows.map(deletionOf);
      }),
  };
}

/** Whoever closes it decides; a row that an earlier deletion of the same name left is replaced, since that one is done. */
async function closeAccount(
  sql: Sql,
  deletion: Deletion,
): Promise<Deletion | Undo<Deletion | null>> {
  const { account, alias, operator, reason, at } = deletion;
  const closed = await sql.change(
    // Another revision: a reckoning decided before must be decided again.
    `UPDATE subscriptions SET closed_at = ?, revision = revision + 1, epoch = epoch + 1, stale_at = NULL
     WHERE account = ? AND closed_at IS NULL`,
    [at, account],
  );
  if (closed === 0) {
    const [row] = await sql.rows(`SELECT ${COLUMNS} FROM erasures WHERE account = ?`, [account]);
    return undo(row ? deletionOf(row) : null);
  }
  // Waits for opens in flight; those behind it read that the account is closed.
  await sql.rows(`SELECT idx FROM periods WHERE account = ?${sql.forUpdate}`, [account]);
  await sql.change(`REPLACE INTO erasures (${COLUMNS}) VALUES (${marks(5)})`, [
    account,
    alias,
    operator,
    reason,
    at,
  ]);
  return deletion;
}

async function step(sql: Sql, deletion: Deletion, at: number): Promise<boolean | Undo<boolean>> {
  const { account, alias } = deletion;
  const [closed] = await sql.rows(
    `SELECT closed_at FROM subscriptions WHERE account = ? AND closed_at IS NOT NULL${sql.forUpdate}`,
    [account],
  );
  // Renamed already; a row that is open, or closed by another deletion, belongs to whoever came under this name since.
  if (!closed) return undo(true);
  const [order] = await sql.rows('SELECT alias FROM erasures WHERE account = ? AND alias = ?', [
    account,
    alias,
  ]);
  if (!order) return undo(true);
  const ids = await generationIds(sql, account, `AND status IN (${ENDED})`);
  if (ids.length > 0) {
    await eraseEnded(sql, account, ids, at);
    await moveGenerations(sql, deletion, ids);
    return false;
  }
  if ((await generationIds(sql, account, '')).length > 0) return undo(false);
  if (!(await eraseWorkspaces(sql, account, alias, at))) return false;
  await moveAccount(sql, deletion);
  return true;
}

async function generationIds(sql: Sql, account: string, condition: string): Promise<string[]> {
  const rows = await sql.rows(
    `SELECT id FROM generations WHERE account = ? ${condition} ORDER BY id LIMIT ?`,
    [account, GENERATIONS_A_STEP],
  );
  return rows.map((row) => text(row, 'id'));
}

/** With their entries and what they used. All have ended, so that none of it is held. */
async function moveGenerations(
  sql: Sql,
  { account, alias }: Deletion,
  ids: readonly string[],
): Promise<void> {
  await copyPeriods(sql, account, alias);
  const used = await sql.rows(
    `SELECT term, period_idx AS idx, SUM(units) AS units FROM generations
     WHERE account = ? AND charge_status = 'POSTED' AND id IN (${marks(ids.length)})
     GROUP BY term, period_idx`,
    [account, ...ids],
  );
  for (const period of used) await shift(sql, { account, alias }, 'used', period);
  await renameEntries(sql, { account, alias }, `AND subject IN (${marks(ids.length)})`, ids);
  await sql.change(
    `UPDATE generations SET account = ? WHERE account = ? AND id IN (${marks(ids.length)})`,
    [alias, account, ...ids],
  );
}

/** What is left once no generation is: grants, periods, and the subscription itself. */
async function moveAccount(sql: Sql, { account, alias }: Deletion): Promise<void> {
  await copyPeriods(sql, account, alias);
  const granted = await sql.rows(
    'SELECT term, idx, granted AS units FROM periods WHERE account = ? AND granted > 0',
    [account],
  );
  for (const period of granted) await shift(sql, { account, alias }, 'granted', period);
  await renameEntries(sql, { account, alias }, '', []);
  await sql.change('DELETE FROM periods WHERE account = ?', [account]);
  await sql.change('UPDATE subscriptions SET account = ? WHERE account = ?', [alias, account]);
}

/** The alias has every period of the account, with nothing in it yet. */
async function copyPeriods(sql: Sql, account: string, alias: string): Promise<void> {
  await sql.change(
    `INSERT INTO periods (account, term, idx, starts_at, ends_at, plan, limit_units, limit_from, granted, used, held, ceiling, revision)
     SELECT ?, term, idx, starts_at, ends_at, plan, limit_units, limit_from, 0, 0, 0, ceiling, revision
     FROM periods p WHERE p.account = ? AND NOT EXISTS (
       SELECT 1 FROM periods a WHERE a.account = ? AND a.term = p.term AND a.idx = p.idx)`,
    [alias, account, alias],
  );
}

async function shift(
  sql: Sql,
  { account, alias }: Pick<Deletion, 'account' | 'alias'>,
  counter: 'used' | 'granted',
  period: Row,
): Promise<void> {
  const units = int(period, 'units');
  for (const [name, change] of [
    [account, -units],
    [alias, units],
  ] as const) {
    await sql.change(
      `UPDATE periods SET ${counter} = ${counter} + ? WHERE account = ? AND term = ? AND idx = ?`,
      [change, name, int(period, 'term'), int(period, 'idx')],
    );
  }
}

async function renameEntries(
  sql: Sql,
  { account, alias }: Pick<Deletion, 'account' | 'alias'>,
  condition: string,
  values: readonly string[],
): Promise<void> {
  await sql.change(
    `UPDATE entries SET account = ?, actor = CASE WHEN actor = ? THEN ? ELSE actor END
     WHERE account = ? ${condition}`,
    [alias, account, alias, account, ...values],
  );
}

function deletionOf(row: Row): Deletion {
  return {
    account: text(row, 'account'),
    alias: text(row, 'alias'),
    operator: text(row, 'operator'),
    reason: text(row, 'reason'),
    at: int(row, 'at'),
  };
}
