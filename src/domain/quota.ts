import type { PendingPlan } from './plan.js';

/** Which period: the subscription's term and the number of months since its anchor. */
export interface PeriodRef {
  term: number;
  index: number;
}

/** An account's quota at one revision: what the gate holds, pushes and answers. Units are generations. */
export interface Quota {
  plan: string;
  /** The plan's limit in force; null is unlimited. */
  limit: number | null;
  /** Units granted on top for this period only. */
  granted: number;
  /** Units held or posted in this period. */
  used: number;
  /** The open ones among `used`. */
  held: number;
  period: PeriodRef;
  periodStart: number;
  periodEnd: number;
  /** When this must be read anew: period end, next effective date of the limit, or a scheduled plan change. */
  validUntil: number;
  pending: PendingPlan | null;
  /** Strictly increasing with every change of the account; see `revisionOf`. */
  revision: number;
}

// 2^26 (67 million) gate changes fit between two reckonings of an account, 2^27 reckonings in a safe integer: with Redis away
// every admission is one, which 1,000 a second on one account could go on with for 28 hours.
const CHANGES_PER_EPOCH = 2 ** 26;

/**
 * The first revision of an epoch. The ledger counts epochs durably, the gate counts changes within one: so a revision
 * never goes backwards, also when the gate is lost, and no clock has a say in it.
 */
export function revisionOf(epoch: number): number {
  return epoch * CHANGES_PER_EPOCH;
}

/** The epoch a revision belongs to. */
export function epochOf(revision: number): number {
  return Math.floor(revision / CHANGES_PER_EPOCH);
}

/** Units left to take; null is unlimited. Never negative: a downgrade can leave more used than allowed. */
export function remainingOf(quota: Pick<Quota, 'limit' | 'granted' | 'used'>): number | null {
  return quota.limit === null ? null : Math.max(0, quota.limit + quota.granted - quota.used);
}
