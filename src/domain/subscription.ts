import { isDeepStrictEqual } from 'node:util';
import type { Catalog, Plan } from './catalog.js';
import { periodAt, periodOf, type Period } from './period.js';
import { nextVersionAt, planAt, type PendingPlan, type PlanProblem } from './plan.js';
import type { PeriodRef } from './quota.js';

export type { PendingPlan } from './plan.js';

export type BillingCycle = 'MONTHLY' | 'ANNUAL';

/** An account's plan and the anchor all its periods are computed from. */
export interface Subscription {
  account: string;
  plan: string;
  /** The anchor: the instant the subscription began. Every period is counted from here (R8). */
  startedAt: number;
  /** How the person pays. Periods are monthly either way (R8). */
  billingCycle: BillingCycle;
  /** IANA zone on whose wall clock the anchor's day and time repeat. */
  timeZone: string;
  /** Counts anchors: another `startedAt` begins another term, with periods of its own. */
  term: number;
  /** The latest period that was opened. A process with a slow clock cannot go behind it. */
  periodIndex: number;
  /** A downgrade that waits for the next reset. */
  pending: PendingPlan | null;
  /** Counts changes of this subscription: the guard of every write to it. */
  revision: number;
  /** Since when nothing is admitted, because the account is being deleted. Null: it is open. */
  closedAt: number | null;
}

/** What a subscription allows at an instant. */
export interface InForce {
  kind: 'in-force';
  /** As it stands now: the very object that was given when nothing came due, else a changed one, one revision up. */
  subscription: Subscription;
  plan: Plan;
  period: { ref: PeriodRef; startsAt: number; endsAt: number };
  /** The plan's limit; null is unlimited. */
  limit: number | null;
  /** Since when the plan has that limit. */
  limitFrom: number;
  /** When to resolve anew: the period's end, the plan's next version or the pending plan, whichever is first. */
  validUntil: number;
}

/**
 * What is in force at `at`. A pending plan whose time has come is applied and `periodIndex` raised, so that a process
 * that slept through several resets, or a change before a later reset, ends where one that was awake is.
 */
export function resolve(
  subscription: Subscription,
  catalog: Catalog,
  at: number,
): InForce | PlanProblem {
  const { index, startsAt, endsAt } = currentPeriod(subscription, at);
  const current = enter(subscription, index, at);
  const answer = planAt(catalog, current.plan, at);
  if (answer.kind !== 'effective') return answer;
  const { plan, version } = answer;
  return {
    kind: 'in-force',
    subscription: current,
    plan,
    period: { ref: { term: current.term, index }, startsAt, endsAt },
    limit: version.limit,
    limitFrom: version.effectiveFrom,
    validUntil: Math.min(endsAt, nextVersionAt(plan, at), current.pending?.at ?? Infinity),
  };
}

/** The subscription with everything that came due by `at`. */
export function advance(subscription: Subscription, at: number): Subscription {
  return enter(subscription, currentPeriod(subscription, at).index, at);
}

/** The period the account is in: never behind the latest that was opened, whatever this process's clock says. */
export function currentPeriod(subscription: Subscription, at: number): Period {
  const period = periodAt(subscription, at);
  return period.index >= subscription.periodIndex
    ? period
    : periodOf(subscription, subscription.periodIndex);
}

/** `next` one revision above `present`; `present` itself, the same object, when nothing differs. */
export function revised(present: Subscription, next: Subscription): Subscription {
  const same = isDeepStrictEqual({ ...next, revision: present.revision }, { ...present });
  return same ? present : { ...next, revision: present.revision + 1 };
}

function enter(subscription: Subscription, periodIndex: number, at: number): Subscription {
  const { pending } = subscription;
  const due = pending !== null && pending.at <= at;
  return revised(subscription, {
    ...subscription,
    periodIndex,
    ...(due && { plan: pending.plan, pending: null }),
  });
}
