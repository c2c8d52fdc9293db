import type { Quota } from './domain/quota.js';

/** What reaches every screen of an account. A generation's news is its id: readers fetch what they may see. */
export type LiveEvent =
  | { kind: 'quota'; quota: Quota }
  | { kind: 'generation'; id: string }
  /** Events may have been missed (the connection was lost): read a fresh snapshot. */
  | { kind: 'resync' };

/** One topic per account. The gate publishes quota in its own atomic step; this port carries the rest. */
export interface Live {
  /** Resolves once events arrive, so that a snapshot read afterwards leaves no gap. */
  subscribe(account: string, listener: (event: LiveEvent) => void): Promise<() => void>;
  /** Best effort: a lost message is repaired by the reader's next snapshot. */
  publishGeneration(account: string, id: string): Promise<void>;
  dispose(): Promise<void>;
}
