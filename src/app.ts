import type { Core } from './app/core.js';
import type { Action, Plan } from './domain/catalog.js';
import type { Generation, GenerationContent, LedgerEntry } from './domain/generation.js';
import type { Quota } from './domain/quota.js';
import type { BillingCycle, PendingPlan } from './domain/subscription.js';

/** The use cases. Expected outcomes are values; what cannot be answered throws a `Fault` with a stable code. */
export interface App {
  /** One press of "Generate ✨": takes a unit, writes it durably, dispatches. The same request id gives the same generation. */
  generate(account: string, request: GenerateRequest): Promise<GenerateAnswer>;
  /** Ends an open generation and gives its unit back; an ended one is answered as it is. */
  cancel(account: string, id: string): Promise<Generation>;

  quota(account: string): Promise<Quota>;
  /** The present value first, then every change, the monthly reset included. Newest wins: no backlog. */
  watchQuota(account: string): AsyncIterableIterator<Quota>;
  /** One generation (its present state first) or, with null, all of the account's as they change. */
  watchGenerations(account: string, id: string | null): AsyncIterableIterator<Generation>;

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

export interface GenerateRequest extends GenerationContent {
  requestId: string;
}

export type GenerateAnswer =
  | { kind: 'accepted'; generation: Generation; quota: Quota; replayed: boolean }
  | { kind: 'exhausted'; quota: Quota; upgrades: PlanInForce[] };

export interface GenerationPage {
  generations: Generation[];
  hasNextPage: boolean;
}

export interface PlanInForce extends Pick<Plan, 'id' | 'name'> {
  limit: number | null;
  effectiveFrom: number;
}

export interface ActionInForce extends Action {
  /** Units one run costs under the counting rule in force. */
  cost: number;
}

export interface UpgradePreview {
  plan: PlanInForce;
  /** Units left right after the change; null is unlimited. */
  remaining: number | null;
  effectiveAt: number;
  resetsAt: number;
}

export interface PutSubscriptionRequest {
  account: string;
  plan: string;
  startedAt: number;
  billingCycle: BillingCycle;
  timeZone: string;
  /** A downgrade takes effect now instead of at the next reset. */
  immediately: boolean;
}

export interface GrantRequest {
  account: string;
  amount: number;
  reason: string;
  operator: string;
}

export type { PendingPlan };

/** Puts the use cases together over one set of ports. */
export function makeApp(core: Core): App {
  throw new Error(`not yet: ${core.owner}`);
}
