import type { Action, Plan } from '../domain/catalog.js';
import type { Generation, GenerationContent } from '../domain/generation.js';
import type { Quota } from '../domain/quota.js';
import type { BillingCycle } from '../domain/subscription.js';

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
