import { randomUUID } from 'node:crypto';
import type { Generation } from '../../src/domain/generation.js';
import { describeClosing } from './erasure.closing.js';
import { AT, begun, stepped } from './erasure.samples.js';
import { delivered, dueOf, filesOf, found, saved } from './history.samples.js';
import {
  aReckoning,
  aSettlement,
  aSubscription,
  allOf,
  ended,
  enrolled,
  newAccount,
  opened,
  reckon,
  violationsOf,
} from './ledger.samples.js';
import type { LedgerHarness } from './ledger.samples.js';

/** What every deletion of an account must do: close it, take the person out, and leave books that add up. */
export function describeErasure(harness: () => LedgerHarness): void {
  const ledger = () => harness().ledger;
  const erasure = () => harness().erasure;

  /** Every table that still names the account. */
  const namedIn = async (account: string): Promise<string[]> => {
    const columns = {
      subscriptions: ['account'],
      periods: ['account'],
      generations: ['account'],
      outputs: ['account'],
      entries: ['account', 'actor'],
      prompt_words: ['account'],
      workspaces: ['owner'],
      workspace_items: ['owner', 'source_account', 'saved_by'],
      workspace_shares: ['owner', 'account'],
      erasures: ['account'],
    };
    const named: string[] = [];
    for (const [table, [...names]] of Object.entries(columns)) {
      const rows = await harness().database.read((sql) =>
        sql.rows(
          `SELECT 1 AS one FROM ${table} WHERE ${names.map((name) => `${name} = ?`).join(' OR ')} LIMIT 1`,
          names.map(() => account),
        ),
      );
      if (rows.length > 0) named.push(table);
    }
    return named;
  };

  describeClosing(harness);

  describe('erasing an account', () => {
    /** One of every end, over two periods, with a grant, workspaces, and one that is still open. */
    const populated = async () => {
      const account = await enrolled(ledger());
      const grant = { id: randomUUID(), units: 3, reason: 'Goodwill.', actor: account, rule: 'r' };
      await reckon(ledger(), aReckoning(account, { grant }));
      const posted = await delivered(harness(), account);
      const restored = await ended(ledger(), account, 'CANCELLED', {}, { actor: account });
      const writtenOff = await ended(ledger(), account, 'EXPIRED');
      await ledger().settle(aSettlement(writtenOff, 'SUCCEEDED'));
      const givenBack = await delivered(harness(), account);
      const support = { reason: 'Blurred.', actor: 'ann', at: AT };
      await ledger().restorePosted({ ...support, account, id: givenBack.id });
      const gone = await delivered(harness(), account);
      await harness().history.erase(account, gone.id, AT);
      await ended(ledger(), account, 'SUCCEEDED', { units: 0, charge: 'FREE' });
      const period = { ref: { term: 0, index: 1 }, startsAt: AT + 5, endsAt: AT + 9 };
      const subscription = aSubscription(account, { periodIndex: 1 });
      await reckon(ledger(), aReckoning(account, { period, subscription }));
      await delivered(harness(), account, { period: period.ref });
      const open = await opened(ledger(), account, { period: period.ref });
      return { account, posted, restored, open };
    };
    const totals = async (account: string) =>
      (await harness().history.periods(account, 9, null)).map(
        ({ ref, used, held, granted }) => `${ref.index}: ${used} ${held} ${granted}`,
      );

    it('should wait for what is open, then leave everything counted under the alias alone', async () => {
      const { account, posted, restored, open } = await populated();
      expect(await totals(account)).toEqual(['1: 2 1 0', '0: 2 0 3']);
      const deletion = await begun(harness(), account);
      const { alias } = deletion;
      for (let n = 0; n < 3; n++) expect(await erasure().step(deletion, AT)).toBe(false);
      expect((await allOf(harness(), account)).map(({ id }) => id)).toEqual([open.id]);
      expect(await violationsOf(harness().audit)).toEqual([]);
      await ledger().settle(aSettlement(open, 'CANCELLED', { actor: account }));
      await stepped(harness(), deletion);
      expect(await namedIn(account)).toEqual(['erasures']);
      await erasure().finish(deletion, AT + 9);
      expect(await namedIn(account)).toEqual([]);
      expect(await erasure().unfinished(1_000)).not.toContainEqual(deletion);
      expect(await totals(alias)).toEqual(['1: 1 0 0', '0: 2 0 3']);
      expect(await ledger().subscription(alias)).toMatchObject({ closedAt: AT, periodIndex: 1 });
      expect(await allOf(harness(), alias)).toEqual([]);
      expect(await ledger().locate(posted.id)).toMatchObject({
        account: alias,
        charge: 'POSTED',
        prompt: null,
        requestId: '',
        outputs: [],
      });
      expect(await dueOf(harness(), filesOf(posted), AT + 99)).toEqual(filesOf(posted));
      const entries = await ledger().entries(alias, [restored.id]);
      expect(entries.map(({ kind, actor }) => `${kind} by ${actor}`)).toEqual([
        'HOLD by system',
        `RESTORE by ${alias}`,
      ]);
    });

    it('should take several steps over many, with clean books after each of them', async () => {
      const account = await enrolled(ledger(), null);
      const all: Generation[] = [];
      for (let n = 0; n < 230; n++) {
        all.push(await ended(ledger(), account, n % 3 === 0 ? 'FAILED' : 'SUCCEEDED'));
      }
      const deletion = await begun(harness(), account);
      expect(await stepped(harness(), deletion)).toBeGreaterThan(2);
      expect(await totals(deletion.alias)).toEqual(['0: 153 0 0']);
      expect(await ledger().entries(deletion.alias, [all[229]!.id])).toHaveLength(2);
    });

    it('should come to one end when several processes go on with it', async () => {
      const { account, open } = await populated();
      await ledger().settle(aSettlement(open, 'FAILED'));
      const deletion = await begun(harness(), account);
      const toItsEnd = async () => {
        while (!(await erasure().step(deletion, AT)));
      };
      await Promise.all([toItsEnd(), toItsEnd(), toItsEnd()]);
      expect(await namedIn(account)).toEqual(['erasures']);
      expect(await totals(deletion.alias)).toEqual(['1: 1 0 0', '0: 2 0 3']);
      expect(await violationsOf(harness().audit)).toEqual([]);
      expect(await erasure().step(deletion, AT)).toBe(true);
    });

    it('should take its workspaces and what it saved elsewhere along', async () => {
      const { account, posted, open } = await populated();
      await ledger().settle(aSettlement(open, 'FAILED'));
      const [own, theirs] = [
        { owner: account, id: `ws_${randomUUID()}` },
        { owner: newAccount(), id: `ws_${randomUUID()}` },
      ];
      for (const workspace of [own, theirs]) await saved(harness(), workspace, posted, 0);
      const deletion = await begun(harness(), account);
      await stepped(harness(), deletion);
      expect(await namedIn(account)).toEqual(['erasures']);
      const kept = await harness().database.read((sql) =>
        sql.rows('SELECT saved_by FROM workspace_items WHERE owner IN (?, ?)', [
          own.owner,
          theirs.owner,
        ]),
      );
      expect(kept).toEqual([{ saved_by: deletion.alias }]);
    });

    it('should not touch an account that came under the same name since', async () => {
      const account = await enrolled(ledger());
      const first = await begun(harness(), account);
      await stepped(harness(), first);
      await ledger().enroll(aSubscription(account, { plan: 'plus' }), AT);
      await reckon(ledger(), aReckoning(account));
      const { id } = await delivered(harness(), account);
      expect(await erasure().step(first, AT)).toBe(true);
      expect(await found(harness(), account, {})).toEqual([id]);
      // The first deletion was never said to be finished: the second one takes its place.
      const second = await begun(harness(), account);
      await erasure().finish(first, AT);
      const unfinished = await erasure().unfinished(1_000);
      expect(unfinished.filter((one) => one.account === account)).toEqual([second]);
      await stepped(harness(), second);
      expect(await ledger().locate(id)).toMatchObject({ account: second.alias });
      expect(await ledger().subscription(first.alias)).not.toBeNull();
    });

    it('should still let Support look at it and give a unit back', async () => {
      const account = await enrolled(ledger());
      const { id } = await delivered(harness(), account);
      const deletion = await begun(harness(), account);
      await stepped(harness(), deletion);
      const { alias } = deletion;
      const support = { account: alias, id, reason: 'Blurred.', actor: 'ann', at: AT };
      expect(await ledger().restorePosted(support)).toMatchObject({ charge: 'RESTORED' });
      expect(await totals(alias)).toEqual(['0: 0 0 0']);
    });
  });
}
