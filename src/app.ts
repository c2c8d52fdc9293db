import { makeAdmit } from './app/admit.js';
import { archiveOf, type ArchiveEntry } from './app/archive.js';
import { makeReported, type Reported } from './app/callbacks.js';
import type { Core } from './app/core.js';
import { deleteGeneration } from './app/delete.js';
import { makeDispatcher } from './app/dispatch.js';
import { cancel, restore } from './app/end.js';
import { makeErasing } from './app/erase.js';
import { makeFreeActions, type FreeActions } from './app/free.js';
import { generationPage } from './app/history.js';
import { plansInForce, previewUpgrade } from './app/plans.js';
import { makeReadQuota } from './app/quota.js';
import { makeReckoner } from './app/reckon.js';
import { makeRecovery } from './app/recover.js';
import { generate, refine } from './app/refine.js';
import type {
  ActionInForce,
  GenerateAnswer,
  GenerateRequest,
  GenerationPage,
  GenerationQuery,
  GrantRequest,
  PlanInForce,
  PutSubscriptionRequest,
  RefineRequest,
  UpgradePreview,
} from './app/requests.js';
import { makeSettle } from './app/settle.js';
import { makeSubscriptions } from './app/subscriptions.js';
import { makeReceiveUpload, type ReceiveUpload } from './app/uploads.js';
import { explain, usage, type ChargeExplanation, type PeriodUsage } from './app/usage.js';
import { watchGenerations, watchQuota } from './app/watch.js';
import { makeWorkspaces, type WorkspaceCases } from './app/workspaces.js';
import { ruleAt, unitsOf } from './domain/counting.js';
import type { Generation, LedgerEntry } from './domain/generation.js';
import type { Quota } from './domain/quota.js';

export type * from './app/requests.js';
export type { ArchiveEntry, ChargeExplanation, PeriodUsage };

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

  /** Generates again from an earlier generation; what the request leaves out is as it was there. */
  refine(account: string, request: RefineRequest): Promise<GenerateAnswer>;
  /** The actions with fields of their own: upload, crop, enhance. */
  free: FreeActions;
  /** Takes the file that an accepted upload waits for. */
  receiveUpload: ReceiveUpload;
  /** What a provider's callback says is looked at; nothing is believed that it says. */
  reported: Reported;

  /** Null: no such generation in this account. */
  generation(account: string, id: string): Promise<Generation | null>;
  /** Those of the ids that the account has, in no particular order. */
  generationsById(account: string, ids: readonly string[]): Promise<Generation[]>;
  /** Newest first. `after` is the id of the last one seen. */
  generations(
    account: string,
    first: number,
    after: string | null,
    filter: GenerationQuery,
  ): Promise<GenerationPage>;
  /** Deletes what the account made; what the ledger counts stays. */
  deleteGeneration(account: string, id: string): Promise<void>;
  explainCharge(account: string, id: string): Promise<ChargeExplanation>;
  /** The present period first, then those before it. */
  usage(account: string, first: number): Promise<PeriodUsage[]>;
  workspaces: WorkspaceCases;
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

  /** Everything kept about the account, as the files of an archive. */
  archive(account: string): AsyncGenerator<ArchiveEntry>;
  /** Takes a person out; the ledger stays, under an alias. `done` false: the rest goes on in the background. */
  deleteAccount(operator: string, account: string, reason: string): Promise<{ done: boolean }>;

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
  const erasing = makeErasing(core, { settle, dispatcher });
  const recovery = makeRecovery(core, { settle, dispatcher, reckoner, erasing });
  const subscriptions = makeSubscriptions(core, reckoner);
  const admit = makeAdmit({ core, reckoner, readQuota, dispatcher });

  return {
    generate: (account, request) => generate(core, admit, account, request),
    refine: (account, request) => refine(core, admit, account, request),
    free: makeFreeActions(core, admit),
    receiveUpload: makeReceiveUpload(core, settle),
    reported: makeReported(core, { settle, dispatcher }),
    cancel: (account, id) => cancel(core, { settle, dispatcher }, account, id),

    quota: readQuota,
    watchQuota: (account) => watchQuota(core, readQuota, account),
    watchGenerations: (account, id) => watchGenerations(core, account, id),

    generation: (account, id) => ledger.find(account, id),
    generationsById: (account, ids) => core.history.findMany(account, ids),
    generations: (account, first, after, query) =>
      generationPage(core, account, first, after, query),
    deleteGeneration: (account, id) => deleteGeneration(core, { settle, dispatcher }, account, id),
    explainCharge: (account, id) => explain(core, account, id),
    usage: (account, first) => usage(core, readQuota, account, first),
    workspaces: makeWorkspaces(core),
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
    archive: (account) => archiveOf(core, account),
    deleteAccount: (operator, account, reason) => erasing.erase(operator, account, reason),

    start: () => {
      recovery.start();
    },
    async drain(withinMs) {
      // Its rounds are safe to cut; one that waits for a store or a provider must not take the time of what runs.
      const patience = new Promise<void>((resolve) => clock.after(withinMs / 2, resolve));
      await Promise.race([recovery.stop(), patience]);
      await dispatcher.drain(withinMs);
      await reckoner.drain();
    },
  };
}
