import type { Accounts, Reckoned, Reckoning } from '../ledger.js';
import { IDS_A_STATEMENT, chunksOf, marks } from './chunks.js';
import { undo } from './database.js';
import type { Database, Sql, Undo } from './database.js';
import {
  SUBSCRIPTION_COLUMNS,
  entryRow,
  int,
  intOrNull,
  subscriptionOf,
  subscriptionRow,
  text,
} from './rows.js';
import type { Row, Value } from './rows.js';

export function makeAccounts(database: Database): Accounts {
  return {
    subscription: (account) => database.read((sql) => standingSubscription(sql, account)),

    enroll: (subscription, at) =>
      database.read(async (sql) => {
        await sql.insert('subscriptions', [subscriptionRow(subscription, at)]);
        const standing = await standingSubscription(sql, subscription.account);
        if (!standing) throw new Error('The subscription vanished after it was inserted.');
        return standing;
      }),

    reckon: (reckoning) =>
      database.transaction<Reckoned | 'moved'>((sql) => reckon(sql, reckoning)),

    async markStale(account, at) {
      await database.transaction((sql) => raiseEpoch(sql, account, at));
    },

    async clearStale(account, epoch) {
      await database.read((sql) =>
        sql.change('UPDATE subscriptions SET stale_at = NULL WHERE account = ? AND epoch = ?', [
          account,
          epoch,
        ]),
      );
    },

    stale: (limit, after) =>
      database.read(async (sql) => {
        const rows = await sql.rows(
          `SELECT account, stale_at FROM subscriptions
           WHERE ${after ? 'stale_at >= ? AND (stale_at > ? OR account > ?)' : 'stale_at IS NOT NULL'}
             AND closed_at IS NULL
           ORDER BY stale_at, account LIMIT ?`,
          after ? [after.at, after.at, after.account, limit] : [limit],
        );
        return rows.map((row) => ({ account: text(row, 'account'), at: int(row, 'stale_at') }));
      }),
  };
}

/**
 * Marks the account stale, since its gate must follow a change. With a new epoch: a heal that read the account before
 * does not clear a mark set after.
 */
export async function raiseEpoch(sql: Sql, account: string, at: number): Promise<void> {
  await sql.change(
    'UPDATE subscriptions SET epoch = epoch + 1, stale_at = COALESCE(stale_at, ?) WHERE account = ?',
    [at, account],
  );
}

async function standingSubscription(sql: Sql, account: string) {
  const [row] = await sql.rows(
    `SELECT ${SUBSCRIPTION_COLUMNS} FROM subscriptions WHERE account = ?`,
    [account],
  );
  return row ? subscriptionOf(row) : null;
}

/** Locks rows in the order subscription → period, as every transaction does. */
async function reckon(sql: Sql, reckoning: Reckoning): Promise<Reckoned | Undo<'moved'>> {
  const { account } = reckoning.subscription;
  if (!(await writeSubscription(sql, reckoning))) return undo('moved');
  await writePeriod(sql, reckoning);
  if (reckoning.grant) await writeGrant(sql, reckoning, reckoning.grant);
  // The lock waits for opens in flight: each is either counted here or reads the new epoch after us.
  const period = await lockedPeriod(sql, reckoning);
  if (!period) throw new Error('The period vanished after it was inserted.');
  const [subscription] = await sql.rows(
    'SELECT epoch, stale_at FROM subscriptions WHERE account = ?',
    [account],
  );
  const staleAt = intOrNull(subscription ?? {}, 'stale_at');
  return {
    epoch: int(subscription ?? {}, 'epoch'),
    limit: intOrNull(period, 'limit_units'),
    granted: int(period, 'granted'),
    used: int(period, 'used'),
    held: int(period, 'held'),
    holds: await openHolds(sql, reckoning, int(period, 'held')),
    knownTakes: await knownTakes(sql, account, reckoning.takes),
    wasStale: staleAt !== null && !(reckoning.markStale && staleAt === reckoning.at),
  };
}

async function writeSubscription(sql: Sql, reckoning: Reckoning): Promise<boolean> {
  const { subscription: s, expectedRevision, gateEpoch, markStale, at } = reckoning;
  // `period_index` stands before `term`: MySQL assigns from left to right and would compare with the new term.
  const matched = await sql.change(
    `UPDATE subscriptions SET plan = ?, started_at = ?, billing_cycle = ?, time_zone = ?,
       period_index = CASE WHEN term = ? AND period_index > ? THEN period_index ELSE ? END, term = ?,
       pending_plan = ?, pending_at = ?, revision = ?,
       epoch = CASE WHEN epoch < ? THEN ? ELSE epoch END + 1,
       stale_at = ${markStale ? 'COALESCE(stale_at, ?)' : 'stale_at'}
     WHERE account = ? AND revision = ?`,
    [
      ...[s.plan, s.startedAt, s.billingCycle, s.timeZone],
      ...[s.term, s.periodIndex, s.periodIndex, s.term],
      ...[s.pending?.plan ?? null, s.pending?.at ?? null, s.revision],
      ...[gateEpoch, gateEpoch],
      ...(markStale ? [at] : []),
      ...[s.account, expectedRevision],
    ],
  );
  return matched > 0;
}

function periodKey({ subscription, period }: Reckoning): Value[] {
  return [subscription.account, period.ref.term, period.ref.index];
}

async function lockedPeriod(sql: Sql, reckoning: Reckoning): Promise<Row | undefined> {
  const [row] = await sql.rows(
    `SELECT starts_at, ends_at, limit_units, granted, used, held FROM periods WHERE account = ? AND term = ? AND idx = ?${sql.forUpdate}`,
    periodKey(reckoning),
  );
  return row;
}

/**
 * Opens the period, or corrects its capacity. The ceiling is the most that may ever have been used since the last change
 * of capacity: what the audit holds `used` against. It is assigned before what it is computed from (see above).
 */
async function writePeriod(sql: Sql, reckoning: Reckoning): Promise<void> {
  const { subscription, period, limit, limitFrom } = reckoning;
  // Looked up first, under lock: a failed insert would hold a shared lock that deadlocks with the opens that wait.
  const standing = await lockedPeriod(sql, reckoning);
  if (standing) await moveBounds(sql, reckoning, standing);
  else {
    const inserted = await sql.insert('periods', [
      {
        account: subscription.account,
        term: period.ref.term,
        idx: period.ref.index,
        starts_at: period.startsAt,
        ends_at: period.endsAt,
        plan: subscription.plan,
        limit_units: limit,
        limit_from: limitFrom,
        granted: 0,
        used: 0,
        held: 0,
        ceiling: limit,
        revision: 1,
      },
    ]);
    if (inserted) return;
  }
  const ceiling =
    limit === null ? 'NULL' : 'CASE WHEN used > ? + granted THEN used ELSE ? + granted END';
  await sql.change(
    `UPDATE periods SET ceiling = ${ceiling}, plan = ?, limit_units = ?, limit_from = ?, revision = revision + 1
     WHERE account = ? AND term = ? AND idx = ? AND (plan <> ? OR limit_from < ?)`,
    [
      ...(limit === null ? [] : [limit, limit]),
      ...[subscription.plan, limit, limitFrom],
      ...periodKey(reckoning),
      ...[subscription.plan, limitFrom],
    ],
  );
}

/** Another time zone moves the bounds of the period that runs; what is used in it stays. */
async function moveBounds(sql: Sql, reckoning: Reckoning, standing: Row): Promise<void> {
  const { startsAt, endsAt } = reckoning.period;
  if (int(standing, 'starts_at') === startsAt && int(standing, 'ends_at') === endsAt) return;
  await sql.change(
    'UPDATE periods SET starts_at = ?, ends_at = ? WHERE account = ? AND term = ? AND idx = ?',
    [startsAt, endsAt, ...periodKey(reckoning)],
  );
}

/** Once per grant id, also when the transaction runs again. */
async function writeGrant(
  sql: Sql,
  reckoning: Reckoning,
  grant: NonNullable<Reckoning['grant']>,
): Promise<void> {
  const isNew = await sql.insert('entries', [
    entryRow({
      account: reckoning.subscription.account,
      subject: grant.id,
      kind: 'GRANT',
      units: grant.units,
      reason: grant.reason,
      rule: grant.rule,
      period: reckoning.period.ref,
      actor: grant.actor,
      at: reckoning.at,
    }),
  ]);
  if (!isNew) return;
  await sql.change(
    `UPDATE periods SET
       ceiling = CASE WHEN limit_units IS NULL THEN NULL
                      WHEN used > limit_units + granted + ? THEN used
                      ELSE limit_units + granted + ? END,
       granted = granted + ?, revision = revision + 1
     WHERE account = ? AND term = ? AND idx = ?`,
    [grant.units, grant.units, grant.units, ...periodKey(reckoning)],
  );
}

/**
 * The newest first and no more than `heldUnits`, since each holds at least one: so the scan ends at the open ones instead of
 * reading an account's whole history.
 */
async function openHolds(sql: Sql, reckoning: Reckoning, heldUnits: number) {
  if (heldUnits <= 0) return [];
  const rows = await sql.rows(
    `SELECT id, units, created_at FROM generations
     WHERE account = ? AND term = ? AND period_idx = ? AND charge_status = 'HELD' AND units > 0
     ORDER BY id DESC LIMIT ?`,
    [...periodKey(reckoning), heldUnits],
  );
  return rows.map((row) => ({
    generationId: text(row, 'id'),
    units: int(row, 'units'),
    at: int(row, 'created_at'),
  }));
}

async function knownTakes(sql: Sql, account: string, takes: readonly string[]): Promise<string[]> {
  const known: string[] = [];
  for (const ids of chunksOf(takes, IDS_A_STATEMENT)) {
    const rows = await sql.rows(
      `SELECT id FROM generations WHERE account = ? AND id IN (${marks(ids.length)})`,
      [account, ...ids],
    );
    known.push(...rows.map((row) => text(row, 'id')));
  }
  return known;
}
