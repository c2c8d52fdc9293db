import { v7 as uuidv7 } from 'uuid';
import type { LedgerAudit } from '../../src/audit.js';
import type { Subscription } from '../../src/domain/subscription.js';
import type { Ledger } from '../../src/ledger.js';
import {
  START,
  aReckoning,
  aSettlement,
  aSubscription,
  anOpening,
  balance,
  enrolled,
  newAccount,
  opened,
  reckon,
} from './ledger.samples.js';

export function describeAccounts(ledger: () => Ledger, audit: () => LedgerAudit): void {
  const change = (account: string, changes: Partial<Subscription>) =>
    aSubscription(account, { revision: 1, ...changes });
  const grantOf = (units: number, id = uuidv7()) => {
    return { id, units, reason: 'Goodwill.', actor: 'ann', rule: '2026-02' };
  };

  describe('accounts', () => {
    it('should enroll once: whoever was first stands', async () => {
      const account = newAccount();
      expect(await ledger().subscription(account)).toBeNull();
      const standing = await Promise.all(
        ['core', 'plus', 'core', 'plus'].map((plan) =>
          ledger().enroll(aSubscription(account, { plan }), START),
        ),
      );
      expect(new Set(standing.map(({ plan }) => plan)).size).toBe(1);
      expect(await ledger().subscription(account)).toEqual(standing[0]);
    });

    it('should keep every field of a subscription', async () => {
      const account = await enrolled(ledger());
      const subscription = change(account, {
        plan: 'plus',
        startedAt: START - 5,
        billingCycle: 'ANNUAL',
        timeZone: 'Europe/Berlin',
        term: 1,
        pending: { plan: 'core', at: START + 7 },
      });
      const period = { ref: { term: 1, index: 0 }, startsAt: START, endsAt: START + 9 };
      await reckon(ledger(), aReckoning(account, { subscription, period }));
      expect(await ledger().subscription(account)).toEqual(subscription);
    });

    it('should raise the epoch at every reckoning', async () => {
      const account = await enrolled(ledger());
      const { epoch } = await balance(ledger(), account);
      expect((await balance(ledger(), account)).epoch).toBe(epoch + 1);
    });

    it('should answer moved when the subscription changed, and change nothing', async () => {
      const account = await enrolled(ledger());
      const reckonings = ['plus', 'ultimate', 'basic'].map((plan) =>
        aReckoning(account, { subscription: change(account, { plan }), grant: grantOf(5) }),
      );
      const answers = await Promise.all(reckonings.map((one) => ledger().reckon(one)));
      expect(answers.filter((answer) => answer === 'moved')).toHaveLength(2);
      const stands = await ledger().subscription(account);
      const again = aReckoning(account, { subscription: stands!, expectedRevision: 1 });
      expect(await reckon(ledger(), again)).toMatchObject({ granted: 5 });
      expect(await ledger().reckon(aReckoning(newAccount()))).toBe('moved');
    });

    it('should never lower the period within a term, but begin anew in another', async () => {
      const account = await enrolled(ledger());
      const put = (expectedRevision: number, changes: Partial<Subscription>) => {
        const subscription = aSubscription(account, { revision: expectedRevision, ...changes });
        return reckon(ledger(), aReckoning(account, { subscription, expectedRevision }));
      };
      await put(0, { periodIndex: 4 });
      await put(0, { periodIndex: 3 });
      expect(await ledger().subscription(account)).toMatchObject({ term: 0, periodIndex: 4 });
      await put(0, { term: 1, periodIndex: 0 });
      expect(await ledger().subscription(account)).toMatchObject({ term: 1, periodIndex: 0 });
    });

    it('should carry what is used over an upgrade and a downgrade', async () => {
      const account = await enrolled(ledger(), 2);
      const first = await opened(ledger(), account);
      await opened(ledger(), account);
      expect(await ledger().open(anOpening(account))).toEqual({ kind: 'exhausted' });
      const up = aReckoning(account, { subscription: change(account, { plan: 'plus' }), limit: 4 });
      expect(await reckon(ledger(), up)).toMatchObject({ limit: 4, used: 2, held: 2 });
      await opened(ledger(), account);
      const down = { subscription: aSubscription(account, { revision: 2 }), limit: 1 };
      const downgrade = aReckoning(account, { ...down, expectedRevision: 1 });
      expect(await reckon(ledger(), downgrade)).toMatchObject({ limit: 1, used: 3 });
      await ledger().settle(aSettlement(first, 'FAILED'));
      expect(await ledger().open(anOpening(account))).toEqual({ kind: 'exhausted' });
    });

    it('should let a newer limit of the same plan replace an older one, never the other way', async () => {
      const account = await enrolled(ledger(), 10);
      const limitOf = async (limit: number, limitFrom: number) =>
        (await reckon(ledger(), aReckoning(account, { limit, limitFrom }))).limit;
      expect(await limitOf(20, START + 5)).toBe(20);
      expect(await limitOf(10, START)).toBe(20);
      expect(await limitOf(30, START + 6)).toBe(30);
    });

    it('should add a grant once, and let it be used', async () => {
      const account = await enrolled(ledger(), 1);
      await opened(ledger(), account);
      const granting = aReckoning(account, { grant: grantOf(2) });
      expect(await reckon(ledger(), granting)).toMatchObject({ limit: 1, granted: 2 });
      expect(await reckon(ledger(), granting)).toMatchObject({ granted: 2 });
      await opened(ledger(), account);
      await opened(ledger(), account);
      expect(await ledger().open(anOpening(account))).toEqual({ kind: 'exhausted' });
      expect(await ledger().entries(account, [granting.grant!.id])).toEqual([
        expect.objectContaining({ kind: 'GRANT', units: 2, actor: 'ann', reason: 'Goodwill.' }),
      ]);
    });

    it('should tell which takes it knows, open or ended', async () => {
      const account = await enrolled(ledger(), null);
      const [ended, open] = [await opened(ledger(), account), await opened(ledger(), account)];
      await ledger().settle(aSettlement(ended, 'SUCCEEDED'));
      const strangers = Array.from({ length: 1_100 }, () => uuidv7());
      const takes = [ended.id, ...strangers, open.id];
      const { knownTakes } = await reckon(ledger(), aReckoning(account, { takes }));
      expect(knownTakes.sort()).toEqual([ended.id, open.id].sort());
    });

    it('should count every concurrent open, or show it the new epoch', async () => {
      const account = await enrolled(ledger(), null);
      const opening = Array.from({ length: 60 }, () => ledger().open(anOpening(account)));
      const reckoned = await Promise.all(
        Array.from({ length: 6 }, () => balance(ledger(), account)),
      );
      const answers = await Promise.all(opening);
      for (const { epoch, holds, used } of reckoned) {
        expect(holds).toHaveLength(used);
        const counted = new Set(holds.map(({ generationId }) => generationId));
        for (const answer of answers) {
          if (answer.kind !== 'opened') throw new Error(answer.kind);
          if (answer.epoch < epoch) expect(counted).toContain(answer.generation.id);
        }
      }
    });

    it('should raise the epoch above the gate’s, also when the ledger was set back', async () => {
      const account = await enrolled(ledger());
      const { epoch } = await reckon(ledger(), aReckoning(account));
      expect((await reckon(ledger(), aReckoning(account, { gateEpoch: epoch }))).epoch).toBe(
        epoch + 1,
      );
      const gateEpoch = epoch + 5_000;
      const ahead = await reckon(ledger(), aReckoning(account, { gateEpoch }));
      expect(ahead.epoch).toBe(gateEpoch + 1);
      expect((await reckon(ledger(), aReckoning(account))).epoch).toBe(gateEpoch + 2);
    });

    it('should move the bounds of the running period with the time zone, and keep what was used', async () => {
      const account = await enrolled(ledger());
      const first = aReckoning(account);
      await reckon(ledger(), first);
      await opened(ledger(), account);
      const { ref, startsAt, endsAt } = first.period;
      const moved = { ref, startsAt: startsAt + 3_600_000, endsAt: endsAt + 3_600_000 };
      expect(await reckon(ledger(), aReckoning(account, { period: moved }))).toMatchObject({
        used: 1,
        held: 1,
      });
      const ends: number[] = [];
      for await (const standing of audit().balances(moved.startsAt)) {
        if (standing.account === account) ends.push(standing.periodEnd);
      }
      expect(ends).toEqual([moved.endsAt]);
    });

    it('should keep a stale mark until the account was reckoned after it', async () => {
      const account = await enrolled(ledger());
      const isStale = async () =>
        (await ledger().stale(1_000, null)).some((marked) => marked.account === account);
      expect(await isStale()).toBe(false);
      const before = await balance(ledger(), account);
      await ledger().markStale(account, START + 5);
      await ledger().clearStale(account, before.epoch);
      expect(await isStale()).toBe(true);
      const after = await balance(ledger(), account);
      expect(await isStale()).toBe(true);
      await ledger().clearStale(account, after.epoch);
      expect(await isStale()).toBe(false);
      const { epoch } = await reckon(ledger(), aReckoning(account, { markStale: true }));
      expect(await isStale()).toBe(true);
      await ledger().clearStale(account, epoch);
      expect(await isStale()).toBe(false);
    });

    it('should name the longest stale first, no more than asked for', async () => {
      const accounts = [await enrolled(ledger()), await enrolled(ledger())];
      await ledger().markStale(accounts[1]!, 1);
      await ledger().markStale(accounts[0]!, 2);
      await ledger().markStale(accounts[1]!, 3);
      expect(await ledger().stale(2, null)).toEqual([
        { account: accounts[1], at: 1 },
        { account: accounts[0], at: 2 },
      ]);
      expect(await ledger().stale(1, null)).toHaveLength(1);
    });

    it('should go on behind the last stale one seen, also among those of one instant', async () => {
      const accounts = await Promise.all([1, 2, 3].map(() => enrolled(ledger())));
      const [first, second, third] = accounts.sort();
      for (const account of [third!, first!]) await ledger().markStale(account, 11);
      await ledger().markStale(second!, 12);
      const marked = [
        { account: first!, at: 11 },
        { account: third!, at: 11 },
        { account: second!, at: 12 },
      ];
      expect(await ledger().stale(2, { account: 'any', at: 10 })).toEqual(marked.slice(0, 2));
      expect(await ledger().stale(2, marked[0]!)).toEqual(marked.slice(1));
      expect((await ledger().stale(1, marked[1]!))[0]).toEqual(marked[2]);
    });

    it('should make one shared key of 32 bytes, whoever asks first', async () => {
      const name = newAccount();
      const keys = await Promise.all(Array.from({ length: 10 }, () => ledger().sharedKey(name)));
      const distinct = new Set(keys.map((key) => Buffer.from(key).toString('hex')));
      expect([...distinct][0]).toHaveLength(64);
      expect(distinct.size).toBe(1);
      expect(await ledger().sharedKey(newAccount())).not.toEqual(keys[0]);
    });
  });
}
