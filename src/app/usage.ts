import { explainCharge } from '../domain/explain.js';
import { usageByDay, type DayUsage } from '../domain/usage.js';
import type { PeriodRow } from '../history.js';
import type { Generation } from '../domain/generation.js';
import type { Core } from './core.js';
import { noSuchGeneration } from './end.js';
import type { ReadQuota } from './quota.js';

/** What an account did in one period. Units are generations. */
export interface PeriodUsage extends Omit<PeriodRow, 'ref'> {
  /** Units that were given back. */
  restored: number;
  /** The latest first, on the wall clock of the subscription's zone. */
  days: DayUsage[];
}

/** Why a generation cost what it cost. */
export interface ChargeExplanation {
  generation: Generation;
  /** In words for the person. */
  summary: string;
  /** The period its units were taken from, and went back to. */
  period: PeriodRow;
}

/** The present period first, then those before it. */
export async function usage(
  core: Core,
  readQuota: ReadQuota,
  account: string,
  first: number,
): Promise<PeriodUsage[]> {
  // Opens the period's row if nobody has asked for it yet. An account without a plan gets its NO_SUBSCRIPTION here.
  await readQuota(account);
  const subscription = await core.ledger.subscription(account);
  const periods = await core.history.periods(account, first, null);
  return Promise.all(
    periods.map(async ({ ref, ...period }) => {
      const counts = await core.history.usage(account, { ref, ...period });
      const days = usageByDay(counts, subscription?.timeZone ?? 'UTC');
      const restored = counts.reduce(
        (sum, { charge, units }) => sum + (charge === 'RESTORED' ? units : 0),
        0,
      );
      return { ...period, restored, days };
    }),
  );
}

/** Throws NOT_FOUND. */
export async function explain(core: Core, account: string, id: string): Promise<ChargeExplanation> {
  const generation = await core.ledger.find(account, id);
  if (!generation) throw noSuchGeneration(id);
  const { term, index } = generation.period;
  const [entries, [period]] = await Promise.all([
    core.ledger.entries(account, [id]),
    core.history.periods(account, 1, { term, index: index + 1 }),
  ]);
  if (!period) throw new Error('a generation has no period');
  return { generation, summary: explainCharge(generation, entries), period };
}
