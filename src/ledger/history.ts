import type { ChargeStatus } from '../domain/generation.js';
import type { PeriodRef } from '../domain/quota.js';
import type { QuarterCount } from '../domain/usage.js';
import type { History, PeriodRow } from '../history.js';
import { IDS_A_STATEMENT, chunksOf, marks } from './chunks.js';
import type { Database } from './database.js';
import { eraseOne } from './erase.js';
import { withOutputs } from './find.js';
import { idAt, pageQuery, searchWords } from './history-query.js';
import type { Query } from './history-query.js';
import { GENERATION_COLUMNS, int, intOrNull, text } from './rows.js';
import type { Row } from './rows.js';

const QUARTER_MS = 15 * 60_000;
// Another time zone moves a running period's bounds by up to 26 hours; what was pressed before it stays in it.
const BOUNDS_MARGIN_MS = 2 * 24 * 60 * 60_000;

export function makeHistory(database: Database): History {
  const rowsOf = ({ statement, values }: Query) =>
    database.read((sql) => sql.rows(statement, values));

  return {
    list: (account, first, before, filter) =>
      database.read(async (sql) => {
        const words = await searchWords(sql, account, filter);
        const { statement, values } = pageQuery(account, first, before, filter, words);
        return withOutputs(sql, account, await sql.rows(statement, values));
      }),

    findMany: (account, ids) =>
      database.read(async (sql) => {
        const rows: Row[] = [];
        for (const some of chunksOf(ids, IDS_A_STATEMENT)) {
          rows.push(
            ...(await sql.rows(
              `SELECT ${GENERATION_COLUMNS} FROM generations
               WHERE account = ? AND id IN (${marks(some.length)}) AND deleted_at IS NULL`,
              [account, ...some],
            )),
          );
        }
        return withOutputs(sql, account, rows);
      }),

    periods: async (account, first, before) =>
      (await rowsOf(periodsQuery(account, first, before))).map(periodOf),

    usage: async (account, period) => (await rowsOf(usageQuery(account, period))).map(countOf),

    erase: (account, id, at) => database.transaction((sql) => eraseOne(sql, account, id, at)),
  };
}

function periodsQuery(account: string, first: number, before: PeriodRef | null): Query {
  return {
    statement: `SELECT term, idx, starts_at, ends_at, plan, limit_units, granted, used, held FROM periods
      WHERE account = ?${before ? ' AND term <= ? AND (term < ? OR idx < ?)' : ''}
      ORDER BY term DESC, idx DESC LIMIT ?`,
    values: before ? [account, before.term, before.term, before.index, first] : [account, first],
  };
}

/** By the ids of about that time: what belongs to the period is said by the rows themselves. */
function usageQuery(account: string, { ref, startsAt, endsAt }: PeriodRow): Query {
  return {
    statement: `SELECT created_at - created_at % ${QUARTER_MS} AS since, action, charge_status,
        COUNT(*) AS generations, SUM(units) AS units
      FROM generations
      WHERE account = ? AND id >= ? AND id < ? AND term = ? AND period_idx = ?
      GROUP BY since, action, charge_status ORDER BY since, action, charge_status`,
    values: [
      account,
      idAt(startsAt - BOUNDS_MARGIN_MS),
      idAt(endsAt + BOUNDS_MARGIN_MS),
      ref.term,
      ref.index,
    ],
  };
}

function periodOf(row: Row): PeriodRow {
  return {
    ref: { term: int(row, 'term'), index: int(row, 'idx') },
    startsAt: int(row, 'starts_at'),
    endsAt: int(row, 'ends_at'),
    plan: text(row, 'plan'),
    limit: intOrNull(row, 'limit_units'),
    granted: int(row, 'granted'),
    used: int(row, 'used'),
    held: int(row, 'held'),
  };
}

function countOf(row: Row): QuarterCount {
  return {
    quarter: int(row, 'since') / QUARTER_MS,
    action: text(row, 'action'),
    charge: text(row, 'charge_status') as ChargeStatus,
    generations: int(row, 'generations'),
    units: int(row, 'units'),
  };
}
