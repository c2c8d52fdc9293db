import type { Generation, GenerationStatus } from './domain/generation.js';
import type { PeriodRef } from './domain/quota.js';
import type { QuarterCount } from './domain/usage.js';

/** What an account has made: to look through, to count, and to delete from. */
export interface History {
  /** Newest first; `before` is the id of the last one seen. What was deleted is not in it. By keyset, so every page costs the same. */
  list(
    account: string,
    first: number,
    before: string | null,
    filter: HistoryFilter,
  ): Promise<Generation[]>;
  /** Those of `ids` that exist and were not deleted, in no particular order. */
  findMany(account: string, ids: readonly string[]): Promise<Generation[]>;

  /** The account's periods, the latest first; `before` is the last one seen. */
  periods(account: string, first: number, before: PeriodRef | null): Promise<PeriodRow[]>;
  /** What was pressed in a period, counted by action, charge, and quarter of an hour. Deleted ones count, too. */
  usage(account: string, period: PeriodRow): Promise<QuarterCount[]>;

  /**
   * Deletes the content of an ended generation: prompt, settings, inputs, words, outputs. What the ledger counts stays. Its files are
   * due for removal from then on, in the same transaction. `open`: it has not ended.
   */
  erase(account: string, id: string, at: number): Promise<'erased' | 'open' | 'absent'>;
}

/** All that is given must hold. */
export interface HistoryFilter {
  action?: string;
  kind?: string;
  status?: GenerationStatus;
  /** Created at or after. */
  from?: number;
  /** Created before. */
  to?: number;
  /** Outputs of it are saved in this workspace. */
  workspace?: { owner: string; id: string };
  /** Words of the prompt, as `wordsOf` finds them; all of them. Found once the generation has ended. */
  words?: readonly string[];
  /** Refined from this generation. */
  parent?: string;
}

export interface PeriodRow {
  ref: PeriodRef;
  startsAt: number;
  endsAt: number;
  plan: string;
  /** Null is unlimited. */
  limit: number | null;
  granted: number;
  used: number;
  held: number;
}

/**
 * Files that have to go: written down in the transaction that makes them superfluous, removed afterwards, however often it
 * takes. A file that may turn out superfluous is written down before it is made, due later.
 */
export interface Removals {
  schedule(keys: readonly string[], dueAt: number): Promise<void>;
  /** Up to `limit` keys due at `at`, the longest due first. */
  due(at: number, limit: number): Promise<string[]>;
  /** They are gone. */
  done(keys: readonly string[]): Promise<void>;
}
