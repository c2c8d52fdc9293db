/**
 * Takes a person out of the ledger and leaves the ledger. Every step may be repeated; a deletion cut short is found by `unfinished`
 * and gone on with by any process.
 */
export interface Erasure {
  /**
   * Writes the deletion down and closes the account in one transaction: nothing is opened from then on. Answers the deletion that
   * stands; null: there is no such account.
   */
  begin(deletion: Deletion): Promise<Deletion | null>;
  /** Deletes content and renames rows to the alias, a bounded number at a time; false: there is more to do. */
  step(deletion: Deletion, at: number): Promise<boolean>;
  /** Forgets the account's own name: the deletion is done. */
  finish(deletion: Deletion, at: number): Promise<void>;
  unfinished(limit: number): Promise<Deletion[]>;
}

export interface Deletion {
  account: string;
  /** What stands for the account from then on: `deleted-…`, random. */
  alias: string;
  operator: string;
  reason: string;
  at: number;
}
