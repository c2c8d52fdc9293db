import type { Catalog, Plan } from './catalog.js';
import { periodOf } from './period.js';
import { isDowngrade, planAt, type PlanProblem } from './plan.js';
import { remainingOf } from './quota.js';
import {
  advance,
  currentPeriod,
  resolve,
  revised,
  type BillingCycle,
  type Subscription,
} from './subscription.js';

/** What a subscription is agreed to be, in the words of the system that sells it. */
export interface Terms {
  plan: string;
  startedAt: number;
  billingCycle: BillingCycle;
  timeZone: string;
}

/** A changed subscription is one revision up; one that already was as wanted is the very object that was given. */
export type Change = { kind: 'changed'; subscription: Subscription } | PlanProblem;

/**
 * Makes a subscription what `terms` say; saying it twice changes nothing more. The same `startedAt` is a change within
 * the term, what is used carries over. Another one begins the next term, and nothing carries.
 *
 * Another time zone alone stays within the term: a new term would hand out a second allowance and lose the period's
 * grants because somebody moved house. The present period keeps its number and what is used; only its end, and every
 * later boundary, moves to the new wall clock: by hours, or a few days where the anchor falls on another date there.
 */
export function agree(
  subscription: Subscription,
  catalog: Catalog,
  terms: Terms,
  at: number,
  options: { immediately: boolean },
): Change {
  if (terms.startedAt === subscription.startedAt) {
    const kept = changeTerms(subscription, terms, at);
    const change = changePlan(kept, catalog, terms.plan, at, options);
    if (change.kind !== 'changed') return change;
    return { kind: 'changed', subscription: revised(subscription, change.subscription) };
  }
  const answer = planAt(catalog, terms.plan, at);
  if (answer.kind !== 'effective') return answer;
  return { kind: 'changed', subscription: restart(subscription, terms, at) };
}

/** The next term, counted from another anchor: periods of its own, nothing pending, nothing carried over. */
export function restart(subscription: Subscription, terms: Terms, at: number): Subscription {
  const { plan, startedAt, billingCycle, timeZone } = terms;
  const next: Subscription = {
    ...subscription,
    plan,
    startedAt,
    billingCycle,
    timeZone,
    term: subscription.term + 1,
    periodIndex: 0,
    pending: null,
  };
  return revised(subscription, advance(next, at));
}

/**
 * Moves an account to another plan of the catalogue. More or as much is given at once (R10): used units carry, the
 * anchor stays. Less waits for the present period's end, unless `immediately`. The present plan calls a pending one off.
 */
export function changePlan(
  subscription: Subscription,
  catalog: Catalog,
  plan: string,
  at: number,
  options: { immediately: boolean },
): Change {
  const wanted = planAt(catalog, plan, at);
  if (wanted.kind !== 'effective') return wanted;
  const current = advance(subscription, at);
  const present = planAt(catalog, current.plan, at);
  // A present plan the catalogue no longer knows allows nothing: there is nothing to wait for.
  const waits =
    !options.immediately &&
    present.kind === 'effective' &&
    isDowngrade(present.version.limit, wanted.version.limit);
  const next = waits
    ? { ...current, pending: { plan, at: currentPeriod(current, at).endsAt } }
    : { ...current, plan, pending: null };
  return { kind: 'changed', subscription: revised(subscription, next) };
}

export interface Preview {
  kind: 'preview';
  plan: Plan;
  limit: number | null;
  limitFrom: number;
  /** Units left right after the change; null is unlimited. */
  remaining: number | null;
  /** When the plan would take over: at once, or at the present period's end. */
  effectiveAt: number;
  /** End of the period in which it takes over: until then `remaining` has to last. */
  resetsAt: number;
}

/** What `changePlan` would give a person who has `used` and was `granted` that much in the present period. */
export function previewChange(
  subscription: Subscription,
  catalog: Catalog,
  used: number,
  granted: number,
  plan: string,
  at: number,
): Preview | PlanProblem {
  const change = changePlan(subscription, catalog, plan, at, { immediately: false });
  if (change.kind !== 'changed') return change;
  const { pending } = change.subscription;
  const effectiveAt = pending?.at ?? at;
  const then = resolve(change.subscription, catalog, effectiveAt);
  if (then.kind !== 'in-force') return then;
  const carried = pending === null ? { used, granted } : { used: 0, granted: 0 };
  return {
    kind: 'preview',
    plan: then.plan,
    limit: then.limit,
    limitFrom: then.limitFrom,
    remaining: remainingOf({ limit: then.limit, ...carried }),
    effectiveAt,
    resetsAt: then.period.endsAt,
  };
}

function changeTerms(
  subscription: Subscription,
  { billingCycle, timeZone }: Terms,
  at: number,
): Subscription {
  const current = advance(subscription, at);
  const next = { ...current, billingCycle, timeZone };
  // A downgrade waits for the end of the period it was ordered in, wherever that end has moved.
  const pending = current.pending && {
    plan: current.pending.plan,
    at: periodOf(next, current.periodIndex).endsAt,
  };
  return advance({ ...next, pending }, at);
}
