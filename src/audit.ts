import type { PeriodRef } from './domain/quota.js';

/** Looks over a whole ledger, without changing it, for anything the invariants rule out. */
export interface LedgerAudit {
  counts(): Promise<{ accounts: number; generations: number; entries: number }>;
  /** Everything wrong, account by account. `graceMs`: how long after its deadline an open generation is not yet a violation. */
  violations(at: number, graceMs: number): AsyncIterable<Violation>;
  /** What each account's period at `at` holds: to compare with its gate. Accounts with no such period and closed ones are left out. */
  balances(at: number): AsyncIterable<Balance>;
}

/**
 * I1 capacity · I2 one end, one restoration · I3 gate = ledger · I4 one request, one charge · I5 nothing forgotten. A ledger
 * alone shows all but I3, which takes a gate to compare it with; I6 is about what subscribers saw, which nothing keeps.
 */
export type Invariant = 'I1' | 'I2' | 'I3' | 'I4' | 'I5';

export interface Violation {
  invariant: Invariant;
  account: string;
  /** A generation's or grant's id, or `period term/index`. */
  subject: string;
  message: string;
}

export interface Balance {
  account: string;
  epoch: number;
  /** True when the gate is known to have missed a change. */
  stale: boolean;
  period: PeriodRef;
  periodEnd: number;
  used: number;
  held: number;
  granted: number;
  /** Null is unlimited. */
  limit: number | null;
}
