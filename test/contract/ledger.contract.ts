import { describeErasure } from './erasure.contract.js';
import { describeErasing } from './history.erasing.js';
import { describeHistory } from './history.contract.js';
import { describeAccounts } from './ledger.accounts.js';
import { describeOpening } from './ledger.opening.js';
import { describeRecovery } from './ledger.recovery.js';
import { describeSettling } from './ledger.settling.js';
import { violationsOf } from './ledger.samples.js';
import type { LedgerHarness } from './ledger.samples.js';

/** What every ledger must do, on a fresh database; the audit must find nothing wrong with what all of it left. */
export function ledgerContract(name: string, start: () => Promise<LedgerHarness>): void {
  describe(`${name}, as every ledger`, () => {
    let harness: LedgerHarness;
    beforeAll(async () => {
      harness = await start();
    });
    afterAll(() => harness.ledger.dispose());
    const ledger = () => harness.ledger;

    describeOpening(ledger, () => harness);
    describeSettling(ledger);
    describeAccounts(ledger, () => harness.audit);
    describeRecovery(ledger);
    describeHistory(() => harness);
    describeErasing(() => harness);
    describeErasure(() => harness);

    it('should pass the audit after all of this', async () => {
      expect(await violationsOf(harness.audit)).toEqual([]);
      const { accounts, generations, entries } = await harness.audit.counts();
      expect(accounts).toBeGreaterThan(10);
      expect(generations).toBeGreaterThan(30);
      expect(entries).toBeGreaterThan(generations);
    });
  });
}
