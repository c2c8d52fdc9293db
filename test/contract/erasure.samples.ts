import { randomUUID } from 'node:crypto';
import type { Deletion } from '../../src/erasure.js';
import { START, violationsOf } from './ledger.samples.js';
import type { LedgerHarness } from './ledger.samples.js';

export const AT = START + 90_000;

export function aDeletion(account: string, changes: Partial<Deletion> = {}): Deletion {
  return {
    account,
    alias: `deleted-${randomUUID()}`,
    operator: 'ann',
    reason: 'Asked for by mail.',
    at: AT,
    ...changes,
  };
}

/** A deletion that closed the account. */
export async function begun({ erasure }: LedgerHarness, account: string): Promise<Deletion> {
  const deletion = aDeletion(account);
  expect(await erasure.begin(deletion)).toEqual(deletion);
  return deletion;
}

/** Goes to its end and answers the steps that took; the audit must find nothing wrong after any of them. */
export async function stepped(
  { erasure, audit }: LedgerHarness,
  deletion: Deletion,
): Promise<number> {
  for (let steps = 1; ; steps++) {
    const done = await erasure.step(deletion, AT + steps);
    expect(await violationsOf(audit)).toEqual([]);
    if (done) return steps;
  }
}
