import { bulkhead, BulkheadRejectedError, type BulkheadPolicy } from 'cockatiel';
import { Fault } from '../domain/fault.js';
import { epochOf, revisionOf, type Quota } from '../domain/quota.js';
import { resolve, type InForce, type Subscription } from '../domain/subscription.js';
import { GateUnavailable, type GateState, type GateView } from '../gate.js';
import type { Reckoned, Reckoning } from '../ledger.js';
import type { Core } from './core.js';
import { makeHealing, type Aligned } from './heal.js';
import { describe } from './plans.js';

/** Brings the gate in line with the ledger: cold start, reset, lost gate, healing and every change of capacity. */
export interface Reckoner {
  /** Reckons an account the gate does not know, or no longer rightly; concurrent callers share one reckoning. */
  seed(account: string): Promise<Quota>;
  /** Reckons an account whose gate may have drifted, in the background. What fails is tried again later. */
  heal(account: string): void;
  /** Writes a changed subscription, a grant, or both, and puts the gate right at once. */
  change(account: string, decide: Decide, grant?: Reckoning['grant']): Promise<Quota>;
  /** Waits for healing that is under way; begins no more. */
  drain(): Promise<void>;
}

/** What a subscription shall become at `at`; null: the account has none yet. */
export type Decide = (present: Subscription | null, at: number) => Subscription;

// A restart of everything finds all gates empty: at most 32 reckonings at once reach the database, the rest wait in line.
const RECKONINGS_AT_ONCE = 32;
const RECKONINGS_WAITING = 10_000;
// Healing is never urgent: it must not stand in the way of people whose accounts have to be reckoned now.
const HEALINGS_AT_ONCE = 4;
// Each retry means another process changed the same account in between.
const ATTEMPTS = 5;
// No revision is negative: "only if the gate knows nothing of the account".
const ONLY_IF_ABSENT = -1;

export function makeReckoner(core: Core): Reckoner {
  const { gate, ledger, clock } = core;
  const lane = bulkhead(RECKONINGS_AT_ONCE, RECKONINGS_WAITING);
  const healingLane = bulkhead(HEALINGS_AT_ONCE, RECKONINGS_WAITING);
  const underWay = new Map<string, Promise<Aligned>>();

  /** Only over what was seen: whatever changed in between is not in the ledger's answer. */
  async function align(
    account: string,
    decide: Decide,
    grant?: Reckoning['grant'],
  ): Promise<Aligned> {
    const seen = await orAway(() => gate.inspect(account));
    const state = await reckon(core, account, seen, decide, grant);
    const { quota } = state;
    if (seen === 'away') return { quota, gate: 'away' };
    const put = await orAway(() => gate.put(state, seen?.quota.revision ?? ONLY_IF_ABSENT));
    // The epoch was raised and is shown to somebody, so the gate has to follow when it is back.
    if (put === 'away') await ledger.markStale(account, clock.now());
    return { quota, gate: put === 'away' ? 'away' : put ? 'follows' : 'moved' };
  }

  function alignShared(
    account: string,
    through = lane,
    whenAbsent: typeof firstSeen = firstSeen,
  ): Promise<Aligned> {
    const shared = underWay.get(account);
    if (shared) return shared;
    const decide: Decide = (present, at) => present ?? whenAbsent(core, account, at);
    const aligning = inLane(through, () => align(account, decide)).finally(() =>
      underWay.delete(account),
    );
    underWay.set(account, aligning);
    return aligning;
  }

  async function alignAnew(
    account: string,
    ...how: [through?: BulkheadPolicy, whenAbsent?: typeof firstSeen]
  ): Promise<Aligned> {
    // One that is under way may have read the ledger before the change that calls for it.
    await underWay.get(account)?.catch(() => undefined);
    return alignShared(account, ...how);
  }

  const healing = makeHealing(core, (account) => alignAnew(account, healingLane, nothingToHeal));

  return {
    heal(account) {
      healing.heal(account);
    },
    drain: () => healing.drain(),

    async seed(account) {
      let aligned = await alignShared(account);
      for (let attempt = 0; attempt < ATTEMPTS && aligned.gate === 'moved'; attempt++) {
        // What the gate did not take must not be shown: its next revisions would be below.
        const reading = await orAway(() => gate.read(account, clock.now()));
        if (reading !== null && reading !== 'away') return reading.quota;
        aligned = await alignAnew(account);
      }
      return aligned.quota;
    },

    async change(account, decide, grant) {
      let aligned = await inLane(lane, () => align(account, decide, grant));
      // The ledger has it; whoever presses next must find it in the gate, too.
      for (let attempt = 0; attempt < ATTEMPTS && aligned.gate === 'moved'; attempt++) {
        aligned = await alignAnew(account);
      }
      const { quota } = aligned;
      if (aligned.gate === 'follows') await ledger.clearStale(account, epochOf(quota.revision));
      if (aligned.gate === 'moved') healing.heal(account);
      return quota;
    },
  };
}

async function reckon(
  core: Core,
  account: string,
  seen: GateView | null | 'away',
  decide: Decide,
  grant?: Reckoning['grant'],
): Promise<GateState> {
  const view = seen === 'away' ? null : seen;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const at = core.clock.now();
    const present = await core.ledger.subscription(account);
    const standing = present ?? (await core.ledger.enroll(decide(null, at), at));
    if (standing.closedAt !== null) throw closedAccount();
    const wanted = decide(standing, at);
    const inForce = inForceOf(core, wanted, at);
    const reckoned = await core.ledger.reckon({
      subscription: inForce.subscription,
      expectedRevision: standing.revision,
      period: inForce.period,
      limit: inForce.limit,
      limitFrom: inForce.limitFrom,
      ...(grant && { grant }),
      gateEpoch: view ? epochOf(view.quota.revision) : 0,
      takes: view?.holds.map((hold) => hold.generationId) ?? [],
      markStale: seen === 'away' || grant !== undefined || wanted !== standing,
      at,
    });
    if (reckoned !== 'moved')
      return stateOf(account, inForce, reckoned, view, at, core.healAfterMs);
  }
  throw new Fault(
    'UNAVAILABLE',
    'The account is changing too fast right now. Try again in a moment.',
  );
}

/** The gate is an accelerator: what it cannot say is left to the ledger. */
async function orAway<T>(ask: () => Promise<T>): Promise<T | 'away'> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof GateUnavailable) return 'away';
    throw error;
  }
}

async function inLane<T>(lane: BulkheadPolicy, work: () => Promise<T>): Promise<T> {
  try {
    return await lane.execute(work);
  } catch (error) {
    if (!(error instanceof BulkheadRejectedError)) throw error;
    throw new Fault(
      'UNAVAILABLE',
      'Too many accounts are waiting for the ledger. Try again in a moment.',
    );
  }
}

/** The subscription of an account never seen before: the default plan, anchored here and now. */
export function firstSeen(core: Core, account: string, at: number): Subscription {
  if (core.defaultPlan === null) {
    throw new Fault(
      'NO_SUBSCRIPTION',
      `The account ${account} has no subscription. An operator creates one with putSubscription.`,
    );
  }
  return newSubscription(account, { plan: core.defaultPlan, startedAt: at });
}

/** FORBIDDEN: for an account between the order to delete it and its end. */
export function closedAccount(): Fault {
  return new Fault('FORBIDDEN', 'This account is being deleted. Nothing can be done with it.');
}

/** Healing begins no account: one that was deleted meanwhile stays so. */
function nothingToHeal(_core: Core, account: string): never {
  throw new Fault('NO_SUBSCRIPTION', `The account ${account} is gone.`);
}

/** An account's first subscription. */
export function newSubscription(
  account: string,
  terms: { plan: string; startedAt: number } & Partial<
    Pick<Subscription, 'billingCycle' | 'timeZone'>
  >,
): Subscription {
  return {
    billingCycle: 'MONTHLY',
    timeZone: 'UTC',
    ...terms,
    account,
    term: 0,
    periodIndex: 0,
    pending: null,
    revision: 0,
    closedAt: null,
  };
}

function inForceOf(core: Core, subscription: Subscription, at: number): InForce {
  const inForce = resolve(subscription, core.catalog, at);
  if (inForce.kind === 'in-force') return inForce;
  throw new Fault('NO_SUBSCRIPTION', `The account has no plan in force: ${describe(inForce)}.`);
}

/**
 * What the gate shall hold: the ledger's figures, plus takes of this period that are too young to say that their process
 * died before it wrote them down.
 */
function stateOf(
  account: string,
  inForce: InForce,
  reckoned: Reckoned,
  view: GateView | null,
  at: number,
  healAfterMs: number,
): GateState {
  const known = new Set(reckoned.knownTakes);
  const samePeriod =
    view?.quota.period.term === inForce.period.ref.term &&
    view.quota.period.index === inForce.period.ref.index;
  const young = samePeriod
    ? view.holds.filter((hold) => !known.has(hold.generationId) && at - hold.at < healAfterMs)
    : [];
  const youngUnits = young.reduce((sum, hold) => sum + hold.units, 0);
  return {
    account,
    quota: {
      plan: inForce.subscription.plan,
      limit: reckoned.limit,
      granted: reckoned.granted,
      used: reckoned.used + youngUnits,
      held: reckoned.held + youngUnits,
      period: inForce.period.ref,
      periodStart: inForce.period.startsAt,
      periodEnd: inForce.period.endsAt,
      validUntil: inForce.validUntil,
      pending: inForce.subscription.pending,
      revision: revisionOf(reckoned.epoch),
    },
    holds: [...reckoned.holds, ...young],
    at,
    requestsMissed: reckoned.wasStale,
  };
}
