export type BillingCycle = 'MONTHLY' | 'ANNUAL';

/** An account's plan and the anchor all its periods are computed from. */
export interface Subscription {
  account: string;
  plan: string;
  /** The anchor: the instant the subscription began. Every period is counted from here (R8). */
  startedAt: number;
  /** How the person pays. Periods are monthly either way (R8). */
  billingCycle: BillingCycle;
  /** IANA zone on whose wall clock the anchor's day and time repeat. */
  timeZone: string;
  /** Counts anchors: another `startedAt` begins another term, with periods of its own. */
  term: number;
  /** The latest period that was opened. A process with a slow clock cannot go behind it. */
  periodIndex: number;
  /** A downgrade that waits for the next reset. */
  pending: PendingPlan | null;
  /** Counts changes of this subscription: the guard of every write to it. */
  revision: number;
}

export interface PendingPlan {
  plan: string;
  at: number;
}
