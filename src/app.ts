import { makeAdmit } from './app/admit.js';
import type { Core } from './app/core.js';
import { makeDispatcher } from './app/dispatch.js';
import { cancel, restore } from './app/end.js';
import { plansInForce, previewUpgrade } from './app/plans.js';
import { makeReadQuota } from './app/quota.js';
import { makeReckoner } from './app/reckon.js';
import { makeRecovery } from './app/recover.js';
import type {
  ActionInForce,
  GenerateAnswer,
  GenerateRequest,
  GenerationPage,
  GrantRequest,
  PlanInForce,
  PutSubscriptionRequest,
  UpgradePreview,
} from './app/requests.js';
import { makeSettle } from './app/settle.js';
import { makeSubscriptions } from './app/subscriptions.js';
import { watchGenerations, watchQuota } from './app/watch.js';
import { ruleAt, unitsOf } from './domain/counting.js';
import type { Generation, LedgerEntry } from './domain/generation.js';
import type { Quota } from './domain/quota.js';

export type * from './app/requests.js';

/** The use cases. Expected outcomes are values; what cannot be answered throws a `Fault` with a stable code. */
export interface App {
  /** One press of "Generate ✨": takes a unit, writes it durably, dispatches. The same request id gives the same generation. */
  generate(account: string, request: GenerateRequest): Promise<GenerateAnswer>;
  /** Ends an open generation and gives its unit back; an ended one is answered as it is. */
  cancel(account: string, id: string): Promise<Generation>;

  quota(account: string): Promise<Quota>;
  /** The present value first, then every change, the monthly reset included. Newest wins: no backlog. */
  watchQuota(account: string): Promise<AsyncIterableIterator<Quota>>;
  /** One generation (its present state first) or, with null, all of the account's as they change. */
  watchGenerations(account: string, id: string | null): Promise<AsyncIterableIterator<Generation>>;

  /** Null: no such generation in this account. */
  generation(account: string, id: string): Promise<Generation | null>;
  /** Newest first. `after` is the id of the last one seen. */
  generations(account: string, first: number, after: string | null): Promise<GenerationPage>;
  /** The ledger's lines of some generations of one account, oldest first. */
  entries(account: string, generationIds: readonly string[]): Promise<LedgerEntry[]>;

  /** The plans in force now. */
  plans(): PlanInForce[];
  actions(): readonly ActionInForce[];
  upgradePreview(account: string, plan: string): Promise<UpgradePreview>;
  changePlan(account: string, plan: string): Promise<Quota>;

  putSubscription(request: PutSubscriptionRequest): Promise<Quota>;
  grantGenerations(request: GrantRequest): Promise<Quota>;
  /** Support gives a delivered generation's unit back, whatever account it belongs to (R7). */
  restoreGeneration(operator: string, id: string, reason: string): Promise<Generation>;

  /** Begins recovery and healing in the background. */
  start(): void;
  /** Stops taking work, waits up to `withinMs` for what is in flight and hands the rest back to the queue. */
  drain(withinMs: number): Promise<void>;
}

/** Puts the use cases together over one set of ports. */
export function makeApp(core: Core): App {
  const { ledger, catalog, clock } = core;
  const reckoner = makeReckoner(core);
  const readQuota = makeReadQuota(core, reckoner);
  const settle = makeSettle(core, reckoner);
  const dispatcher = makeDispatcher(core, settle);
  const recovery = makeRecovery(core, { settle, dispatcher, reckoner });
  const subscriptions = makeSubscriptions(core, reckoner);

  return {
    generate: makeAdmit({ core, reckoner, readQuota, dispatcher }),
    cancel: (account, id) => cancel(core, { settle, dispatcher }, account, id),

    quota: readQuota,
    watchQuota: (account) => watchQuota(core, readQuota, account),
    watchGenerations: (account, id) => watchGenerations(core, account, id),

    generation: (account, id) => ledger.find(account, id),
    async generations(account, first, after) {
      // One more than asked for tells whether there is a next page.
      const found = await ledger.list(account, first + 1, after);
      return { generations: found.slice(0, first), hasNextPage: found.length > first };
    },
    entries: (account, generationIds) => ledger.entries(account, generationIds),

    plans: () => plansInForce(core),
    actions() {
      const rule = ruleAt(catalog.rules, clock.now());
      return catalog.actions.map((action) => ({
        ...action,
        cost: rule ? unitsOf(rule, action) : 0,
      }));
    },
    upgradePreview: async (account, plan) =>
      previewUpgrade(core, account, await readQuota(account), plan),
    changePlan: (account, plan) => subscriptions.changeOwnPlan(account, plan),

    putSubscription: (request) => subscriptions.put(request),
    grantGenerations: (request) => subscriptions.grant(request),
    restoreGeneration: (operator, id, reason) => restore(core, reckoner, operator, id, reason),

    start: () => {
      recovery.start();
    },
    async drain(withinMs) {
      await recovery.stop();
      await dispatcher.drain(withinMs);
      await reckoner.drain();
    },
  };
}
