import type { Generation } from '../domain/generation.js';
import type { Generations, OpenAnswer, Opening } from '../ledger.js';
import { raiseEpoch } from './accounts.js';
import { IDS_A_STATEMENT, chunksOf, marks } from './chunks.js';
import { undo } from './database.js';
import type { Database, Sql, Undo } from './database.js';
import { findById, findGeneration } from './find.js';
import { ENTRY_COLUMNS, entryOf, entryRow, generationRow, int, intOrNull } from './rows.js';
import type { Row, Value } from './rows.js';
import { restorePosted, settle } from './settlement.js';

export function makeGenerations(database: Database): Generations {
  const one = (where: string, values: readonly Value[]) =>
    database.read((sql) => findGeneration(sql, where, values));

  return {
    open: (opening) => database.transaction((sql) => open(sql, opening)),
    settle: (settlement) => database.transaction((sql) => settle(sql, settlement)),
    restorePosted: (restoration) => database.transaction((sql) => restorePosted(sql, restoration)),
    find: (account, id) => one('account = ? AND id = ? AND deleted_at IS NULL', [account, id]),
    locate: (id) => one('id = ?', [id]),
    findByRequest: (account, requestKey) =>
      one('account = ? AND request_key = ?', [account, requestKey]),

    entries: (account, generationIds) =>
      database.read(async (sql) => {
        const rows: Row[] = [];
        for (const ids of chunksOf(generationIds, IDS_A_STATEMENT)) {
          rows.push(
            ...(await sql.rows(
              // HOLD comes before POST and RESTORE by name, should they share a millisecond.
              `SELECT ${ENTRY_COLUMNS} FROM entries WHERE account = ? AND subject IN (${marks(ids.length)})
               ORDER BY at, kind`,
              [account, ...ids],
            )),
          );
        }
        return rows.map(entryOf);
      }),
  };
}

/** The period comes last, so that its lock, which all of the account's opens want, is held shortest. */
async function open(sql: Sql, opening: Opening): Promise<OpenAnswer | Undo<OpenAnswer>> {
  const { generation } = opening;
  const { account, units, period } = generation;
  if (sql.contended) {
    // Requests of one key that are all refused deadlock on it in turns: from the second run on, look without a lock first.
    // In this order: what stands may have taken the last unit.
    const refused = await refusal(sql, generation);
    if (refused && !(await standing(sql, opening))) return undo(refused);
  }
  if (opening.withoutGate) await raiseEpoch(sql, account, generation.createdAt);
  if (!(await sql.insert('generations', [generationRow(opening)]))) {
    const answer = await standing(sql, opening);
    if (!answer) throw new Error('A generation that stood in the way is not there.');
    return undo(answer);
  }
  if (units > 0) {
    await sql.insert('entries', [
      entryRow({
        account,
        subject: generation.id,
        kind: 'HOLD',
        units,
        reason: 'Held until the generation ends.',
        rule: generation.rule,
        period,
        actor: 'system',
        at: generation.createdAt,
      }),
    ]);
    const held = await sql.change(
      `UPDATE periods SET used = used + ?, held = held + ?
       WHERE account = ? AND term = ? AND idx = ? AND (limit_units IS NULL OR used + ? <= limit_units + granted)`,
      [units, units, account, period.term, period.index, units],
    );
    if (held === 0) {
      return undo((await refusal(sql, generation)) ?? { kind: 'exhausted' });
    }
  }
  const subscription = await subscriptionNow(sql, account, units > 0 ? '' : sql.forUpdate);
  // Nothing is opened under a name that nobody has (any more): no deletion would find it.
  if (!subscription) return undo({ kind: 'no-period' });
  const { epoch, closed } = subscription;
  return closed ? undo({ kind: 'closed' }) : { kind: 'opened', generation, epoch };
}

/** Why the generation's period has no room; null when it has, or need not. */
async function refusal(
  sql: Sql,
  { account, period, units }: Generation,
): Promise<OpenAnswer | null> {
  if (units === 0) return null;
  const [row] = await sql.rows(
    `SELECT CASE WHEN limit_units IS NULL OR used + ? <= limit_units + granted THEN 1 ELSE 0 END AS room
     FROM periods WHERE account = ? AND term = ? AND idx = ?`,
    [units, account, period.term, period.index],
  );
  if (!row) return { kind: 'no-period' };
  return int(row, 'room') === 1 ? null : { kind: 'exhausted' };
}

/** What stands in the way: this very open, committed before unnoticed, or another of the same request. */
async function standing(sql: Sql, { generation, requestKey }: Opening): Promise<OpenAnswer | null> {
  const { account, id } = generation;
  const own = await findById(sql, account, id);
  if (own) {
    const epoch = (await subscriptionNow(sql, account))?.epoch ?? 0;
    return { kind: 'opened', generation: own, epoch };
  }
  const first = await findGeneration(sql, 'account = ? AND request_key = ?', [account, requestKey]);
  return first && { kind: 'duplicate', generation: first };
}

/**
 * Asked last. Who closes an account waits for its periods' locks, as who reckons it does: an open that had its period before is
 * in the ledger by then, one that has it after reads here that it is closed. A free one, which has no period, locks this row instead.
 */
async function subscriptionNow(
  sql: Sql,
  account: string,
  lock = '',
): Promise<{ epoch: number; closed: boolean } | null> {
  const [row] = await sql.rows(
    `SELECT epoch, closed_at FROM subscriptions WHERE account = ?${lock}`,
    [account],
  );
  if (!row) return null;
  return { epoch: int(row, 'epoch'), closed: intOrNull(row, 'closed_at') !== null };
}
