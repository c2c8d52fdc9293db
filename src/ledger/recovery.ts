import type { LeaseRef, Recovery } from '../ledger.js';
import { chunksOf, marks } from './chunks.js';
import { undo } from './database.js';
import type { Database, Sql } from './database.js';
import { findById } from './find.js';
import { int, text } from './rows.js';

// Each lease is one branch of an OR, and SQLite's expressions may be 1,000 deep.
const LEASES_A_STATEMENT = 100;

export function makeRecovery(database: Database): Recovery {
  return {
    due: (status, at, limit, except) =>
      database.read(async (sql) => {
        const passedOver = except.length > 0 ? ` AND account NOT IN (${marks(except.length)})` : '';
        const rows = await sql.rows(
          `SELECT account, id, attempt, deadline_at, due_at FROM generations
           WHERE status = ? AND due_at <= ?${passedOver} ORDER BY due_at LIMIT ?`,
          [status, at, ...except, limit],
        );
        return rows.map((row) => ({
          account: text(row, 'account'),
          id: text(row, 'id'),
          attempt: int(row, 'attempt'),
          status,
          deadlineAt: int(row, 'deadline_at'),
          dueAt: int(row, 'due_at'),
        }));
      }),

    overdue: (status, at, limit) =>
      database.read(async (sql) => {
        const rows = await sql.rows(
          `SELECT account, id, attempt FROM generations
           WHERE status = ? AND deadline_at <= ? ORDER BY deadline_at LIMIT ?`,
          [status, at, limit],
        );
        return rows.map((row) => ({
          account: text(row, 'account'),
          id: text(row, 'id'),
          attempt: int(row, 'attempt'),
        }));
      }),

    claim: (due, owner, dueAt) =>
      database.transaction(async (sql) => {
        // `due_at` as it was seen: an owner that renewed its lease in the meantime keeps it.
        const matched = await sql.change(
          `UPDATE generations SET attempt = attempt + 1, status = 'RUNNING', progress = NULL, owner = ?, due_at = ?
           WHERE account = ? AND id = ? AND attempt = ? AND status = ? AND due_at = ?`,
          [owner, dueAt, due.account, due.id, due.attempt, due.status, due.dueAt],
        );
        if (matched === 0) return undo(null);
        return findById(sql, due.account, due.id);
      }),

    async renew(held, owner, dueAt) {
      for (const leases of chunksOf(held, LEASES_A_STATEMENT)) {
        const which = leases.map(() => '(account = ? AND id = ? AND attempt = ?)').join(' OR ');
        const values = leases.flatMap(({ account, id, attempt }) => [account, id, attempt]);
        await database.transaction((sql) =>
          sql.change(
            `UPDATE generations SET due_at = ? WHERE owner = ? AND status = 'RUNNING' AND (${which})`,
            [dueAt, owner, ...values],
          ),
        );
      }
    },

    async handBack(lease, owner, at) {
      await database.transaction((sql) =>
        sql.change(
          `UPDATE generations SET status = 'QUEUED', progress = NULL, owner = '', due_at = ?
           WHERE account = ? AND id = ? AND attempt = ? AND owner = ? AND status = 'RUNNING'`,
          [at, lease.account, lease.id, lease.attempt, owner],
        ),
      );
    },

    note: (lease, news) => database.read((sql) => note(sql, lease, news)),
  };
}

/** Says whether it runs, also when there is no news of it. */
async function note(
  sql: Sql,
  { account, id, attempt }: LeaseRef,
  { provider, progress }: Parameters<Recovery['note']>[1],
): Promise<boolean> {
  const news = {
    ...(provider !== undefined && { provider }),
    ...(progress !== undefined && { progress }),
  };
  const set = Object.keys(news).map((column) => `, ${column} = ?`);
  const matched = await sql.change(
    `UPDATE generations SET attempt = attempt${set.join('')}
     WHERE account = ? AND id = ? AND attempt = ? AND status = 'RUNNING'`,
    [...Object.values(news), account, id, attempt],
  );
  return matched > 0;
}
