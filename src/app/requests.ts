import type { Action, Plan } from '../domain/catalog.js';
import type { Generation, GenerationContent } from '../domain/generation.js';
import type { Quota } from '../domain/quota.js';
import type { BillingCycle } from '../domain/subscription.js';
import type { HistoryFilter } from '../history.js';

export interface GenerateRequest extends GenerationContent {
  requestId: string;
  /** The generation it was refined from; null: none. */
  parent: string | null;
}

/** What is absent is as in the generation refined from. */
export interface RefineRequest extends Partial<GenerationContent> {
  requestId: string;
  generation: string;
}

export interface CropRequest {
  requestId: string;
  /** The picture: an output's or item's id. */
  input: string;
  /** Pixels, from the top left corner. */
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface EnhanceRequest {
  requestId: string;
  prompt: string;
  settings: GenerationContent['settings'];
}

export interface UploadRequest {
  requestId: string;
  contentType: string;
  bytes: number;
  /** Hex; null: not checked. */
  sha256: string | null;
}

/** `stored`: this call did it. `standing`: the same file had been uploaded before. `refused`: `status` is HTTP's. */
export type UploadAnswer =
  | { kind: 'stored' | 'standing' }
  | { kind: 'refused'; status: 404 | 409 | 410 | 413 | 415 | 422 | 503; message: string };

export type GenerateAnswer =
  | { kind: 'accepted'; generation: Generation; quota: Quota; replayed: boolean }
  | { kind: 'exhausted'; quota: Quota; upgrades: PlanInForce[] };

export type Accepted = Extract<GenerateAnswer, { kind: 'accepted' }>;

export type EnhanceAnswer =
  /** `prompt` null: it is not there (yet); the generation says why. */
  (Accepted & { prompt: string | null }) | Extract<GenerateAnswer, { kind: 'exhausted' }>;

/** Which generations of the history; all that is given must hold. */
export interface GenerationQuery extends Omit<HistoryFilter, 'words' | 'workspace'> {
  /** Words of the prompt. */
  text?: string;
  /** A workspace the account can read. */
  workspace?: string;
}

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
