import { Fault } from './domain/fault.js';
import type {
  EndStatus,
  Failure,
  Generation,
  LedgerEntry,
  OpenStatus,
  Output,
} from './domain/generation.js';
import type { PeriodRef } from './domain/quota.js';
import type { Subscription } from './domain/subscription.js';

/**
 * The durable truth. It refuses to over-grant whatever the gate said, and every change of a generation is one guarded
 * transition in one transaction: one winner, the others learn what stands. Methods throw `LedgerUnavailable` when the
 * database cannot be asked; a transaction whose commit is unknown may be repeated with the same ids.
 */
export interface Ledger extends Accounts, Generations, Recovery {
  /** A random key shared by all gateways of this ledger, made on first use: signs download links. */
  sharedKey(name: string): Promise<Uint8Array>;
  /** Resolves when the database answers; for readiness. */
  ping(): Promise<void>;
  dispose(): Promise<void>;
}

/** Subscriptions, capacities and what the gate is reckoned from. */
export interface Accounts {
  subscription(account: string): Promise<Subscription | null>;

  /** Inserts the account's first subscription; answers the one that stands, whoever inserted it. */
  enroll(subscription: Subscription, at: number): Promise<Subscription>;

  /**
   * Reckons an account in one transaction: writes the subscription as given, opens or corrects the period row, raises the
   * epoch, adds a grant if any, and answers what the period holds now. `moved`: the subscription is no longer at
   * `expectedRevision`; read it and decide again.
   */
  reckon(reckoning: Reckoning): Promise<Reckoned | 'moved'>;

  /** Marks an account whose gate missed a change, so that some process heals it. */
  markStale(account: string, at: number): Promise<void>;
  /** Clears the mark, unless the account has changed since `epoch`. */
  clearStale(account: string, epoch: number): Promise<void>;
  /**
   * Up to `limit` marked accounts, the longest waiting first; those after `after`, the last one seen, so that accounts whose
   * healing fails do not keep the others waiting. Not those that are closed: no gate has to follow them.
   */
  stale(limit: number, after: StaleAccount | null): Promise<StaleAccount[]>;
}

export interface StaleAccount {
  account: string;
  /** Since when it is marked. */
  at: number;
}

export interface Reckoning {
  /** What the subscription row shall say; its `revision` is `expectedRevision`, plus one if anything in it changed. */
  subscription: Subscription;
  expectedRevision: number;
  period: { ref: PeriodRef; startsAt: number; endsAt: number };
  /** The limit in force; `limitFrom` is its effective date: an older one never overwrites a newer one of the same plan. */
  limit: number | null;
  limitFrom: number;
  grant?: { id: string; units: number; reason: string; actor: string; rule: string };
  /** The epoch the gate is at, 0 when it knows nothing. The new one lies above it, also when the ledger was set back. */
  gateEpoch: number;
  /** Generations the gate remembers: the answer says which of them the ledger knows. */
  takes: readonly string[];
  /** True when the gate must follow a change: the account is marked stale until `clearStale`. */
  markStale: boolean;
  at: number;
}

export interface Reckoned {
  epoch: number;
  limit: number | null;
  granted: number;
  used: number;
  held: number;
  /** Open generations that hold units of this period. */
  holds: { generationId: string; units: number; at: number }[];
  /** Those of `takes` that the ledger knows, open or ended. */
  knownTakes: string[];
  /** Whether the account was marked before: generations may have been admitted that the gate never heard of. */
  wasStale: boolean;
}

/** Opening, settling and reading generations. */
export interface Generations {
  /** Writes a generation, its HOLD entry and the period's `used`, guarded by capacity. Repeating it with the same id is safe. */
  open(opening: Opening): Promise<OpenAnswer>;

  /** The open → end transition, with its POST or RESTORE; or the write-off of a success that came after restoration. */
  settle(settlement: Settlement): Promise<SettleResult>;

  /** Support gives a posted unit back. Null when it is not POSTED (any more): read what stands. */
  restorePosted(restoration: Restoration): Promise<Generation | null>;

  /** Null also when it was deleted. */
  find(account: string, id: string): Promise<Generation | null>;
  /** The generation of any account, also what is left of a deleted one: for operators, and for what a signature vouches for. */
  locate(id: string): Promise<Generation | null>;
  /** Also one that was deleted since. */
  findByRequest(account: string, requestKey: string): Promise<Generation | null>;
  entries(account: string, generationIds: readonly string[]): Promise<LedgerEntry[]>;
}

export interface Opening {
  generation: Generation;
  requestKey: string;
  /** When the lease of the process that opens it runs out; `createdAt` for one that waits for any free slot. */
  dueAt: number;
  owner: string;
  /** True when no gate was asked: the account is marked stale, so that the gate learns of it. */
  withoutGate: boolean;
}

export type OpenAnswer =
  /** `epoch` differs from the take's when the gate was replaced in between: the gate must adopt the hold. */
  | { kind: 'opened'; generation: Generation; epoch: number }
  | { kind: 'duplicate'; generation: Generation }
  | { kind: 'exhausted' }
  /** The period has no row: reckon the account first. */
  | { kind: 'no-period' }
  /** The account is being deleted. */
  | { kind: 'closed' };

export interface Settlement {
  account: string;
  id: string;
  status: EndStatus;
  failure: Failure | null;
  outputs: readonly Output[];
  /** Shown in the ledger entry. */
  reason: string;
  actor: string;
  at: number;
  /** Only this dispatch may end it (null: whichever is running). A success is welcome from any. */
  attempt: number | null;
  /** True: a success that comes too late is not welcome: the person's own file costs nobody anything. */
  onlyWhileOpen?: boolean;
}

/**
 * `settled`: this call ended it. `written-off`: delivered after restoration, free. `standing`: it had ended before, or another dispatch has it.
 * `absent`: no such generation.
 */
export type SettleResult =
  { kind: 'settled' | 'written-off' | 'standing'; generation: Generation } | { kind: 'absent' };

export interface Restoration {
  account: string;
  id: string;
  reason: string;
  actor: string;
  at: number;
}

/** Leases and what to do when they run out. */
export interface Recovery {
  /**
   * Up to `limit` generations in `status` that are due at `at`, the oldest first: QUEUED ones wait for a slot, RUNNING ones
   * lost their process. Asked for apart, so that a long queue never delays a restoration. By index (status, due_at).
   * Those of the accounts in `except` are passed over.
   */
  due(
    status: OpenStatus,
    at: number,
    limit: number,
    except: readonly string[],
  ): Promise<DueGeneration[]>;
  /** Up to `limit` generations in `status` whose deadline passed by `at`, whatever their lease says, the oldest first. */
  overdue(status: OpenStatus, at: number, limit: number): Promise<LeaseRef[]>;
  /** Takes over one that is due: raises `attempt`, sets RUNNING and the lease. Null: another process was first. */
  claim(due: DueGeneration, owner: string, dueAt: number): Promise<Generation | null>;
  /** Extends the leases this owner still has. */
  renew(held: readonly LeaseRef[], owner: string, dueAt: number): Promise<void>;
  /** Gives one back to the queue: QUEUED, due at once. For a process that shuts down. */
  handBack(lease: LeaseRef, owner: string, at: number): Promise<void>;
  /** Writes down who serves it now, or how far that is (0 to 1), while this dispatch of it runs; false: it does not. */
  note(lease: LeaseRef, news: { provider?: string; progress?: number | null }): Promise<boolean>;
}

export interface LeaseRef {
  account: string;
  id: string;
  attempt: number;
}

export interface DueGeneration extends LeaseRef {
  status: OpenStatus;
  deadlineAt: number;
  /** Its lease's end as it was seen: the guard by which a lease renewed in the meantime is not taken over. */
  dueAt: number;
}

/** The database cannot be asked. Nothing was acknowledged; callers may try again with the same ids. */
export class LedgerUnavailable extends Fault {
  /** True when the connection broke at COMMIT: it may have happened all the same. */
  readonly mayHaveCommitted: boolean;

  constructor(message: string, options: { cause?: unknown; mayHaveCommitted?: boolean } = {}) {
    super('UNAVAILABLE', message, options.cause);
    this.mayHaveCommitted = options.mayHaveCommitted ?? false;
  }
}
