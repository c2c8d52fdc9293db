import type { ActionKind } from './catalog.js';
import type { PeriodRef } from './quota.js';

export const OPEN_STATUSES = ['QUEUED', 'RUNNING'] as const;
export const END_STATUSES = ['SUCCEEDED', 'FAILED', 'BLOCKED', 'EXPIRED', 'CANCELLED'] as const;
export type OpenStatus = (typeof OPEN_STATUSES)[number];
export type EndStatus = (typeof END_STATUSES)[number];
export type GenerationStatus = OpenStatus | EndStatus;

/** HELD: outcome open. POSTED: delivered and counted. RESTORED: given back. FREE: cost nothing from the start. */
export type ChargeStatus = 'HELD' | 'POSTED' | 'RESTORED' | 'FREE';

export type FailureCode = 'PROVIDER_FAILED' | 'BLOCKED' | 'TIMED_OUT' | 'CANCELLED';

/** The hard bound from acceptance to restoration (R6): no deadline is longer, and people are shown it as `restoreBy`. */
export const RESTORE_WITHIN_MS = 2 * 60 * 60 * 1000;

/** Why nothing was delivered, in words for the person. */
export interface Failure {
  code: FailureCode;
  message: string;
  /** Whether pressing Generate again may help. */
  retryable: boolean;
}

/** One delivered file. `key` is where the asset store keeps it. */
export interface Output {
  key: string;
  contentType: string;
  bytes: number;
  sha256: string;
  width: number | null;
  height: number | null;
  durationMs: number | null;
  /** Where its small picture is kept; null when it has none. */
  thumbnailKey: string | null;
}

/** Where its files are kept: the output itself, and its small picture if it has one. */
export function fileKeysOf({ key, thumbnailKey }: Pick<Output, 'key' | 'thumbnailKey'>): string[] {
  return thumbnailKey === null ? [key] : [key, thumbnailKey];
}

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** What the person asked for: same content, same request (I4). */
export interface GenerationContent {
  action: string;
  prompt: string | null;
  settings: Record<string, Json> | null;
  inputs: readonly string[];
  outputCount: number;
}

/** One generation as the ledger keeps it. */
export interface Generation extends GenerationContent {
  account: string;
  /** What the action makes, as the catalogue said then. */
  kind: ActionKind;
  /** The generation it was refined from; null: none, or deleted since. */
  parent: string | null;
  /** UUIDv7: ordered by creation; the provider's idempotency key. */
  id: string;
  requestId: string;
  contentHash: string;
  status: GenerationStatus;
  charge: ChargeStatus;
  units: number;
  /** Id of the counting rule it was charged under (R11). */
  rule: string;
  /** The period its unit was taken from, and goes back to (R9). */
  period: PeriodRef;
  provider: string;
  /** Counts dispatches; guards the settlement of one that lost its lease. */
  attempt: number;
  createdAt: number;
  /** An end state comes by then. */
  deadlineAt: number;
  finishedAt: number | null;
  failure: Failure | null;
  outputs: readonly Output[];
  /** How far its provider is, from 0 to 1; null when it does not say. */
  progress: number | null;
  /** When its content was deleted: only what the ledger needs is left of it. Null: it is all there. */
  deletedAt: number | null;
}

export function isOpen(generation: Pick<Generation, 'status'>): boolean {
  return (OPEN_STATUSES as readonly string[]).includes(generation.status);
}

/** GRANT raises a period's capacity; the others move a generation's unit. WRITE_OFF: delivered after it was restored. */
export type LedgerEntryKind = 'HOLD' | 'POST' | 'RESTORE' | 'WRITE_OFF' | 'GRANT';

/** One append-only line of the ledger. `subject` is the generation's id, or the grant's own. */
export interface LedgerEntry {
  account: string;
  subject: string;
  kind: LedgerEntryKind;
  units: number;
  /** Why, in words: shown to the person and to Support. */
  reason: string;
  rule: string;
  period: PeriodRef;
  /** Who did it: `system`, or the operator's token subject. */
  actor: string;
  at: number;
}

/** The charge that an end state means: delivered is posted, anything else is given back (R6). */
export function chargeOf(status: EndStatus, units: number): ChargeStatus {
  if (units === 0) return 'FREE';
  return status === 'SUCCEEDED' ? 'POSTED' : 'RESTORED';
}

/** How an output is named outside: its generation and its place in it. */
export function outputId(generationId: string, index: number): string {
  return `${generationId}.${index}`;
}

/** The generation and place an output's name says; null when it is no such name. */
export function parseOutputId(id: string): { generationId: string; index: number } | null {
  const [, generationId, index] = /^([\w-]{1,64})\.(\d{1,2})$/.exec(id) ?? [];
  return generationId && index ? { generationId, index: Number(index) } : null;
}
