import type { Database } from '../../src/ledger/database.js';
import { AT, aDeletion, begun } from './erasure.samples.js';
import {
  START,
  aReckoning,
  allOf,
  anOpening,
  balance,
  enrolled,
  harnessOf,
  newAccount,
  reckon,
} from './ledger.samples.js';
import type { LedgerHarness } from './ledger.samples.js';

/** The same database, whose next transaction waits before its COMMIT until it is told to. */
function heldAtCommit(database: Database) {
  let commit: () => void = () => undefined;
  let reached: () => void = () => undefined;
  const told = new Promise<void>((resolve) => (commit = resolve));
  const atCommit = new Promise<void>((resolve) => (reached = resolve));
  const held: Database = {
    ...database,
    transaction: (work) =>
      database.transaction(async (sql) => {
        const answer = await work(sql);
        reached();
        await told;
        return answer;
      }),
  };
  return { database: held, atCommit, commit };
}

/** What every ledger must do with an account that is being deleted. */
export function describeClosing(harness: () => LedgerHarness): void {
  const ledger = () => harness().ledger;
  const erasure = () => harness().erasure;

  describe('closing an account', () => {
    it('should admit nothing from then on, whatever it costs', async () => {
      const account = await enrolled(ledger(), null);
      const first = anOpening(account);
      await ledger().open(first);
      const { epoch } = await balance(ledger(), account);
      const deletion = await begun(harness(), account);
      expect(await ledger().open(anOpening(account))).toEqual({ kind: 'closed' });
      expect(await ledger().open(anOpening(account, { units: 0, charge: 'FREE' }))).toEqual({
        kind: 'closed',
      });
      expect(await ledger().open(anOpening(account, {}, { withoutGate: true }))).toEqual({
        kind: 'closed',
      });
      expect(await allOf(harness(), account)).toHaveLength(1);
      const again = { ...anOpening(account), requestKey: first.requestKey };
      expect(await ledger().open(again)).toMatchObject({ kind: 'duplicate' });
      const subscription = (await ledger().subscription(account))!;
      expect(subscription).toMatchObject({ closedAt: AT, revision: 1 });
      // One epoch for closing it, one for this reckoning; those that were refused left none.
      const reckoning = aReckoning(account, { subscription, expectedRevision: 1 });
      expect((await reckon(ledger(), reckoning)).epoch).toBe(epoch + 2);
      expect(await erasure().unfinished(1_000)).toContainEqual(deletion);
    });

    it('should have a reckoning decided before it decide again', async () => {
      const account = await enrolled(ledger());
      const reckoning = aReckoning(account);
      await begun(harness(), account);
      expect(await ledger().reckon(reckoning)).toBe('moved');
    });

    it('should not ask for the healing of a closed account', async () => {
      const account = await enrolled(ledger());
      await ledger().markStale(account, START);
      await begun(harness(), account);
      await ledger().markStale(account, START);
      const stale = await ledger().stale(1_000, null);
      expect(stale.map((one) => one.account)).not.toContain(account);
      for await (const one of harness().audit.balances(START + 5)) {
        expect(one.account).not.toBe(account);
      }
    });

    it('should answer the deletion that stands, and null where there is no account', async () => {
      expect(await erasure().begin(aDeletion(newAccount()))).toBeNull();
      const account = await enrolled(ledger());
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => erasure().begin(aDeletion(account))),
      );
      expect(new Set(answers.map((answer) => answer?.alias)).size).toBe(1);
      const standing = answers[0]!;
      expect(await erasure().begin(aDeletion(account, { reason: 'Again.' }))).toEqual(standing);
      const unfinished = await erasure().unfinished(1_000);
      expect(unfinished.filter((one) => one.account === account)).toEqual([standing]);
      await erasure().step(standing, AT);
      expect(await erasure().begin(aDeletion(account))).toEqual(standing);
      expect(await erasure().begin(aDeletion(standing.alias))).toBeNull();
    });

    for (const units of [1, 0]) {
      const anOpen = (account: string) =>
        anOpening(account, { units, charge: units === 0 ? 'FREE' : 'HELD' });

      it(`should wait for an open of ${units} units that is about to commit`, async () => {
        const account = await enrolled(ledger());
        const { database, atCommit, commit } = heldAtCommit(harness().database);
        const opening = harnessOf(database).ledger.open(anOpen(account));
        await atCommit;
        let closed = false;
        const closing = begun(harness(), account).then(() => (closed = true));
        // Long enough for it to answer if nothing kept it.
        await new Promise((resolve) => setTimeout(resolve, 300));
        expect(closed).toBe(false);
        commit();
        await closing;
        expect(await opening).toMatchObject({ kind: 'opened' });
        expect(await allOf(harness(), account)).toHaveLength(1);
      });

      it(`should refuse, or know of, each of many concurrent opens of ${units} units`, async () => {
        const account = await enrolled(ledger(), null);
        const opening = Array.from({ length: 60 }, () => ledger().open(anOpen(account)));
        await Promise.race(opening);
        await begun(harness(), account);
        const there = new Set((await allOf(harness(), account)).map(({ id }) => id));
        for (const answer of await Promise.all(opening)) {
          if (answer.kind === 'opened') expect(there).toContain(answer.generation.id);
          else expect(answer.kind).toBe('closed');
        }
        expect(await allOf(harness(), account)).toHaveLength(there.size);
      });
    }

    it('should name the oldest first among those unfinished, no more than asked for', async () => {
      const [later, earlier] = [await enrolled(ledger()), await enrolled(ledger())];
      await erasure().begin(aDeletion(later, { at: 20 }));
      await erasure().begin(aDeletion(earlier, { at: 10 }));
      const two = await erasure().unfinished(2);
      expect(two.map(({ account }) => account)).toEqual([earlier, later]);
    });
  });
}
