import { chargeOf } from '../domain/generation.js';
import type { Generation, LedgerEntryKind, Output } from '../domain/generation.js';
import { wordsOf } from '../domain/words.js';
import type { Restoration, Settlement, SettleResult } from '../ledger.js';
import { raiseEpoch } from './accounts.js';
import { undo } from './database.js';
import type { Sql, Undo } from './database.js';
import { findById } from './find.js';
import { keepOutputs } from './removals.js';
import { entryRow, failureValues, outputRow } from './rows.js';
import type { Row } from './rows.js';

type Act = Pick<Settlement, 'reason' | 'actor' | 'at'>;

/** One guarded transition; the single winner writes what it means for the person's units. */
export async function settle(
  sql: Sql,
  settlement: Settlement,
): Promise<SettleResult | Undo<SettleResult>> {
  const { account, id, status } = settlement;
  if (await end(sql, settlement)) {
    const generation = await reread(sql, account, id, settlement.outputs);
    await addOutputs(sql, settlement);
    await sql.insert('prompt_words', wordRows(generation));
    if (generation.units > 0) await moveUnits(sql, generation, settlement);
    return { kind: 'settled', generation };
  }
  const mayBeLate = status === 'SUCCEEDED' && !settlement.onlyWhileOpen;
  if (mayBeLate && (await deliverRestored(sql, settlement))) {
    const generation = await reread(sql, account, id, settlement.outputs);
    await addOutputs(sql, settlement);
    if (generation.units > 0) await addEntry(sql, generation, 'WRITE_OFF', 0, settlement);
    return { kind: 'written-off', generation };
  }
  const standing = await findById(sql, account, id);
  if (!standing) return undo({ kind: 'absent' });
  return undo({ kind: 'standing', generation: standing });
}

/** Open → end. A success is welcome from any dispatch; anything else only from the one that is running. */
async function end(sql: Sql, settlement: Settlement): Promise<boolean> {
  const { account, id, status, at, attempt } = settlement;
  const failure = failureValues(settlement.failure);
  const guard = status === 'SUCCEEDED' || attempt === null ? [] : [attempt];
  const matched = await sql.change(
    `UPDATE generations SET status = ?, charge_status = CASE WHEN units = 0 THEN 'FREE' ELSE ? END,
       finished_at = ?, due_at = NULL, progress = NULL, failure_code = ?, failure_message = ?, failure_retryable = ?
     WHERE account = ? AND id = ? AND status IN ('QUEUED', 'RUNNING')${guard.length > 0 ? ' AND attempt = ?' : ''}`,
    [
      ...[status, chargeOf(status, 1), at],
      ...[failure.failure_code, failure.failure_message, failure.failure_retryable],
      ...[account, id, ...guard],
    ],
  );
  return matched > 0;
}

/**
 * A success that came after the unit was given back: the person keeps it, free. Not after CANCELLED or BLOCKED: nobody
 * can cancel and keep. Nor after its content was deleted.
 */
async function deliverRestored(sql: Sql, { account, id, at }: Settlement): Promise<boolean> {
  const matched = await sql.change(
    `UPDATE generations SET status = 'SUCCEEDED', finished_at = ?,
       failure_code = NULL, failure_message = NULL, failure_retryable = NULL
     WHERE account = ? AND id = ? AND status IN ('EXPIRED', 'FAILED') AND charge_status IN ('RESTORED', 'FREE')
       AND deleted_at IS NULL`,
    [at, account, id],
  );
  return matched > 0;
}

/** Posts or restores what is held, in the period it was taken from. */
async function moveUnits(sql: Sql, generation: Generation, settlement: Settlement): Promise<void> {
  const { account, units, period } = generation;
  const posted = generation.charge === 'POSTED';
  await addEntry(sql, generation, posted ? 'POST' : 'RESTORE', units, settlement);
  await sql.change(
    'UPDATE periods SET held = held - ?, used = used - ? WHERE account = ? AND term = ? AND idx = ?',
    [units, posted ? 0 : units, account, period.term, period.index],
  );
}

/** Locks subscription → period, as every transaction does: so the epoch is raised first, and undone for nothing. */
export async function restorePosted(
  sql: Sql,
  restoration: Restoration,
): Promise<Generation | Undo<null>> {
  const { account, id, at } = restoration;
  await raiseEpoch(sql, account, at);
  const matched = await sql.change(
    `UPDATE generations SET charge_status = 'RESTORED' WHERE account = ? AND id = ? AND charge_status = 'POSTED'`,
    [account, id],
  );
  if (matched === 0) return undo(null);
  const generation = await reread(sql, account, id);
  const { units, period } = generation;
  await addEntry(sql, generation, 'RESTORE', units, restoration);
  await sql.change(
    'UPDATE periods SET used = used - ? WHERE account = ? AND term = ? AND idx = ?',
    [units, account, period.term, period.index],
  );
  return generation;
}

/** The files may have been written down for removal, should they never be needed: here they are. */
async function addOutputs(sql: Sql, { account, id, outputs }: Settlement): Promise<void> {
  if (outputs.length === 0) return;
  await sql.insert(
    'outputs',
    outputs.map((output, index) => outputRow(account, id, index, output)),
  );
  await keepOutputs(sql, outputs);
}

/** From its end on it is found by them: admission has nothing to do with them. */
function wordRows({ account, id, prompt }: Generation): Row[] {
  return wordsOf(prompt ?? '').map((word) => ({ account, word, generation_id: id }));
}

async function addEntry(
  sql: Sql,
  generation: Generation,
  kind: LedgerEntryKind,
  units: number,
  { reason, actor, at }: Act,
): Promise<void> {
  const { account, id, rule, period } = generation;
  const added = await sql.insert('entries', [
    entryRow({ account, subject: id, kind, units, reason, rule, period, actor, at }),
  ]);
  // The guarded transition allows each once; a second would be a broken ledger, better refused than counted.
  if (!added)
    throw new Error(`The ledger has a ${kind} of this generation already. Run the audit.`);
}

async function reread(
  sql: Sql,
  account: string,
  id: string,
  outputs?: readonly Output[],
): Promise<Generation> {
  const generation = await findById(sql, account, id, outputs);
  if (!generation) throw new Error('A generation vanished within its transaction.');
  return generation;
}
