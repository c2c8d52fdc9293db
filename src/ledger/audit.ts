import type { Balance, LedgerAudit, Violation } from '../audit.js';
import { CHECKS } from './audit-checks.js';
import type { Binding, Check } from './audit-checks.js';
import type { Database } from './database.js';
import { int, intOrNull, text } from './rows.js';
import type { Row, Value } from './rows.js';

const ACCOUNTS_A_PAGE = 500;
// A page counts what 500 accounts ever generated: seconds on a cold disk, not the milliseconds a request may take.
const PAGE_BUDGET_MS = 10 * 60_000;

/** Read-only, in pages of accounts; each check is one statement, so that it sees whole transactions of a running service. */
export function makeLedgerAudit(database: Database): LedgerAudit {
  return {
    counts: async () => ({
      accounts: await countOf('subscriptions'),
      generations: await countOf('generations'),
      entries: await countOf('entries'),
    }),

    async *violations(at, graceMs) {
      for await (const page of pages()) {
        for (const check of CHECKS) yield* await run(check, page, at - graceMs);
      }
    },

    async *balances(at) {
      for await (const page of pages()) {
        const values: Value[] = [at, at];
        const rows = await ask(
          `SELECT s.account, s.epoch, s.stale_at, p.term, p.idx, p.ends_at, p.used, p.held, p.granted, p.limit_units
           FROM subscriptions s JOIN periods p ON p.account = s.account AND p.term = s.term
           WHERE p.starts_at <= ? AND p.ends_at > ? AND s.closed_at IS NULL AND ${within(page, values, 's')} ORDER BY s.account`,
          values,
        );
        yield* rows.map(balanceOf);
      }
    },
  };

  function ask(statement: string, values: readonly Value[]): Promise<Row[]> {
    return database.read((sql) => sql.rows(statement, values), PAGE_BUDGET_MS);
  }

  async function countOf(table: string): Promise<number> {
    const [row] = await ask(`SELECT COUNT(*) AS n FROM ${table}`, []);
    return int(row ?? {}, 'n');
  }

  /** Ranges of accounts that leave no gap: rows of an account without a subscription fall into one, too. */
  async function* pages(): AsyncGenerator<Page> {
    let after: string | null = null;
    for (;;) {
      const rows: Row[] = await ask(
        `SELECT account FROM subscriptions${after === null ? '' : ' WHERE account > ?'} ORDER BY account LIMIT ?`,
        after === null ? [ACCOUNTS_A_PAGE] : [after, ACCOUNTS_A_PAGE],
      );
      const last = rows.length < ACCOUNTS_A_PAGE ? null : text(rows.at(-1) ?? {}, 'account');
      yield { after, upTo: last };
      if (last === null) return;
      after = last;
    }
  }

  async function run(check: Check, page: Page, overdueBefore: number): Promise<Violation[]> {
    const values: Value[] = [];
    const binding: Binding = {
      within: (alias) => within(page, values, alias),
      overdueBefore: () => {
        values.push(overdueBefore);
        return '?';
      },
    };
    const rows = await ask(check.sql(binding), values);
    return rows.map((row) => ({
      invariant: check.invariant,
      account: text(row, 'account'),
      subject: row.subject === undefined ? periodName(row) : text(row, 'subject'),
      message: check.message(row),
    }));
  }
}

function periodName(row: Row): string {
  return `period ${text(row, 'term')}/${text(row, 'idx')}`;
}

/** After one account, up to another; null is open. */
interface Page {
  after: string | null;
  upTo: string | null;
}

/** The condition that keeps `alias` on the page; pushes what it binds. */
function within({ after, upTo }: Page, values: Value[], alias: string): string {
  const conditions = ['1 = 1'];
  if (after !== null) {
    conditions.push(`${alias}.account > ?`);
    values.push(after);
  }
  if (upTo !== null) {
    conditions.push(`${alias}.account <= ?`);
    values.push(upTo);
  }
  return conditions.join(' AND ');
}

function balanceOf(row: Row): Balance {
  return {
    account: text(row, 'account'),
    epoch: int(row, 'epoch'),
    stale: intOrNull(row, 'stale_at') !== null,
    period: { term: int(row, 'term'), index: int(row, 'idx') },
    periodEnd: int(row, 'ends_at'),
    used: int(row, 'used'),
    held: int(row, 'held'),
    granted: int(row, 'granted'),
    limit: intOrNull(row, 'limit_units'),
  };
}
