import type { Change } from '../../src/domain/plan-change.js';
import type { Subscription } from '../../src/domain/subscription.js';

export const at = (iso: string) => Date.parse(iso);
export const STARTED = at('2026-03-31T10:00:00Z');
/** In Ada's first period, which ends at RESET. */
export const NOW = at('2026-04-12T00:00:00Z');
export const RESET = at('2026-04-30T10:00:00Z');

/** Ada's subscription to a plan. */
export const on = (plan: string, more: Partial<Subscription> = {}): Subscription => ({
  account: 'ada',
  plan,
  startedAt: STARTED,
  billingCycle: 'MONTHLY',
  timeZone: 'UTC',
  term: 0,
  periodIndex: 0,
  pending: null,
  revision: 3,
  closedAt: null,
  ...more,
});
export const LATER = { immediately: false };
export const AT_ONCE = { immediately: true };

export function subscriptionOf(change: Change): Subscription {
  if (change.kind !== 'changed') throw new Error(`refused: ${change.kind}`);
  return change.subscription;
}
