import type { PeriodRef, Quota } from './domain/quota.js';

/**
 * The atomic counter in front of the ledger: an accelerator that may be lost at any time. Every call is idempotent by
 * generation id, because a client library may resend a command whose reply was lost. Every change raises the revision
 * and publishes the new quota in the same step.
 */
export interface Gate {
  /** Takes units for one generation, or says why not. Never takes twice for the same generation. */
  take(taking: Taking): Promise<TakeAnswer>;

  /**
   * Counts a unit the ledger holds since `epoch` (opened while the gate was being replaced), without asking for room; a
   * no-op when the take is there or the period is another. False: the gate knows nothing of the account, or is to be
   * replaced by a state of that epoch or a later one, which may not count this hold.
   */
  adopt(hold: Hold, epoch: number): Promise<boolean>;

  /** Ends a take: `posted` keeps it used, `restored` gives it back. */
  settle(hold: Hold, end: 'posted' | 'restored'): Promise<SettleAnswer>;

  /**
   * Gives back a take that never became a generation; a no-op when nothing was taken. Its request is forgotten, or from now
   * on means `standing`: the generation that was first.
   */
  release(
    account: string,
    generationId: string,
    requestKey: string,
    standing: string | null,
  ): Promise<void>;

  /** The account's quota if the gate knows it and it is still valid at `at`. */
  read(account: string, at: number): Promise<GateReading | null>;

  /** Everything the gate remembers of an account, valid or not: for healing and audit. */
  inspect(account: string): Promise<GateView | null>;

  /**
   * Replaces the account's state by one reckoned from the ledger. Refused when the state there is of the same or a later
   * epoch, or when `onlyAtRevision` is given and it has moved since.
   */
  put(state: GateState, onlyAtRevision?: number): Promise<boolean>;

  /** Drops all that is remembered of an account that was deleted. */
  forget(account: string): Promise<void>;

  /** One bounded step over all accounts: those whose healing is due at `at`. `next` null: the round is complete. */
  sweep(cursor: string | null, at: number): Promise<{ due: string[]; next: string | null }>;

  dispose(): Promise<void>;
}

/** Units of one open generation, in the period they were taken from. */
export interface Hold {
  account: string;
  generationId: string;
  units: number;
  period: PeriodRef;
  /** When they were taken. */
  at: number;
}

export interface Taking {
  account: string;
  generationId: string;
  /** Digest of the person's request id: remembered for a day, to answer a replay before quota is looked at. */
  requestKey: string;
  units: number;
  at: number;
  /** True: do not answer `replayed` for a remembered request; its generation turned out never to have been opened. */
  ignoreReplay?: boolean;
}

export type TakeAnswer =
  | { kind: 'taken'; quota: Quota; healDue: boolean }
  /** `since`: how long back the gate remembers requests; before that only the ledger knows of a replay. */
  | { kind: 'refused'; quota: Quota; healDue: boolean; since: number }
  | { kind: 'replayed'; generationId: string }
  /** Nothing is known of the account, or what is known is no longer valid: reckon from the ledger and try again. */
  | { kind: 'unknown' };

/** `elsewhere`: the gate has gone on to another period, or knows nothing. `missing`: right period, but no such take. */
export type SettleAnswer = 'settled' | 'missing' | 'elsewhere';

export interface GateReading {
  quota: Quota;
  healDue: boolean;
}

export interface GateView {
  quota: Quota;
  holds: { generationId: string; units: number; at: number }[];
}

export interface GateState {
  account: string;
  quota: Quota;
  /** Open units counted in `quota.held`, remembered so that settling them works. */
  holds: { generationId: string; units: number; at: number }[];
  /** When it was reckoned. */
  at: number;
  /** True: generations may have been admitted without the gate, so it remembers requests from now on only. */
  requestsMissed: boolean;
}

/** The gate cannot be asked now. Admission goes on through the ledger alone. */
export class GateUnavailable extends Error {
  override readonly name = 'GateUnavailable';
}

/** How long a request id is remembered by the gate. */
export const REQUEST_MEMORY_MS = 24 * 60 * 60 * 1000;

/** How long a period that is over is remembered, so that its settlements find their takes; then an idle account's memory ends. */
export const KEEP_AFTER_PERIOD_MS = 7 * 24 * 60 * 60 * 1000;
