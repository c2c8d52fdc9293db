import { END_STATUSES } from '../../src/domain/generation.js';
import type { Generation } from '../../src/domain/generation.js';
import type { Ledger, Restoration } from '../../src/ledger.js';
import {
  START,
  aReckoning,
  aSettlement,
  aSubscription,
  anOutput,
  balance,
  enrolled,
  opened,
  reckon,
} from './ledger.samples.js';

export function describeSettling(ledger: () => Ledger): void {
  const kinds = async ({ account, id }: Generation) =>
    (await ledger().entries(account, [id])).map(({ kind }) => kind);
  const support = ({ account, id }: Generation): Restoration => {
    return { account, id, reason: 'Support looked at it.', actor: 'ann', at: START + 50_000 };
  };

  describe('settling', () => {
    for (const status of END_STATUSES) {
      const delivered = status === 'SUCCEEDED';
      it(`should end as ${status} once, and ${delivered ? 'post' : 'restore'} its unit once`, async () => {
        const account = await enrolled(ledger());
        const generation = await opened(ledger(), account);
        const settlement = aSettlement(generation, status);
        const first = await ledger().settle(settlement);
        expect(first.kind).toBe('settled');
        const standing = await ledger().find(account, generation.id);
        expect(standing).toEqual({
          ...generation,
          status,
          charge: delivered ? 'POSTED' : 'RESTORED',
          finishedAt: settlement.at,
          failure: settlement.failure,
          outputs: settlement.outputs,
        });
        expect(first).toEqual({ kind: 'settled', generation: standing });
        expect(await ledger().settle(settlement)).toEqual({
          kind: 'standing',
          generation: standing,
        });
        expect(await kinds(generation)).toEqual(['HOLD', delivered ? 'POST' : 'RESTORE']);
        expect(await balance(ledger(), account)).toMatchObject({
          used: delivered ? 1 : 0,
          held: 0,
          holds: [],
        });
      });
    }

    it('should have one winner among 40 concurrent ends', async () => {
      const account = await enrolled(ledger());
      const generation = await opened(ledger(), account);
      // Not a success: it could still be written off after an expiry.
      const ends = (['FAILED', 'BLOCKED', 'EXPIRED', 'CANCELLED'] as const).flatMap((status) =>
        Array.from({ length: 10 }, () => aSettlement(generation, status)),
      );
      const results = await Promise.all(ends.map((end) => ledger().settle(end)));
      expect(results.filter(({ kind }) => kind === 'settled')).toHaveLength(1);
      expect(results.filter(({ kind }) => kind === 'standing')).toHaveLength(39);
      expect(await kinds(generation)).toEqual(['HOLD', 'RESTORE']);
      expect(await balance(ledger(), account)).toMatchObject({ used: 0, held: 0 });
    });

    it('should answer absent for what was never opened', async () => {
      const account = await enrolled(ledger());
      const generation = await opened(ledger(), account);
      const strangers = aSettlement({ ...generation, account: `${account}x` }, 'FAILED');
      expect(await ledger().settle(strangers)).toEqual({ kind: 'absent' });
    });

    it('should let only the running dispatch fail it, but any dispatch deliver', async () => {
      const account = await enrolled(ledger());
      const generation = await opened(ledger(), account, { attempt: 2 });
      const late = await ledger().settle(aSettlement(generation, 'FAILED', { attempt: 1 }));
      expect(late).toMatchObject({ kind: 'standing', generation: { status: 'RUNNING' } });
      const done = await ledger().settle(aSettlement(generation, 'SUCCEEDED', { attempt: 1 }));
      expect(done).toMatchObject({ kind: 'settled', generation: { charge: 'POSTED' } });
    });

    it('should let an end without an attempt end whichever is running', async () => {
      const generation = await opened(ledger(), await enrolled(ledger()), { attempt: 3 });
      const end = aSettlement(generation, 'CANCELLED', { attempt: null });
      expect(await ledger().settle(end)).toMatchObject({ kind: 'settled' });
    });

    for (const restored of ['EXPIRED', 'FAILED'] as const) {
      it(`should write off a success that comes after ${restored}, once`, async () => {
        const account = await enrolled(ledger());
        const generation = await opened(ledger(), account);
        await ledger().settle(aSettlement(generation, restored));
        const success = aSettlement(generation, 'SUCCEEDED', { at: START + 40_000 });
        const result = await ledger().settle(success);
        const standing = await ledger().find(account, generation.id);
        expect(result).toEqual({ kind: 'written-off', generation: standing });
        expect(standing).toMatchObject({
          status: 'SUCCEEDED',
          charge: 'RESTORED',
          failure: null,
          finishedAt: START + 40_000,
          outputs: success.outputs,
        });
        expect(await ledger().settle(success)).toEqual({ kind: 'standing', generation: standing });
        expect((await kinds(generation)).sort()).toEqual(['HOLD', 'RESTORE', 'WRITE_OFF']);
        expect(await balance(ledger(), account)).toMatchObject({ used: 0, held: 0 });
      });
    }

    for (const final of ['CANCELLED', 'BLOCKED'] as const) {
      it(`should leave ${final} as it is when a success comes after it`, async () => {
        const account = await enrolled(ledger());
        const generation = await opened(ledger(), account);
        await ledger().settle(aSettlement(generation, final));
        const late = await ledger().settle(aSettlement(generation, 'SUCCEEDED'));
        expect(late).toMatchObject({
          kind: 'standing',
          generation: { status: final, outputs: [] },
        });
        expect(await kinds(generation)).toEqual(['HOLD', 'RESTORE']);
      });
    }

    it('should end a free generation without entries, and write it off without one', async () => {
      const account = await enrolled(ledger());
      const generation = await opened(ledger(), account, { units: 0, charge: 'FREE' });
      await ledger().settle(aSettlement(generation, 'EXPIRED'));
      const late = await ledger().settle(aSettlement(generation, 'SUCCEEDED'));
      expect(late).toMatchObject({ kind: 'written-off', generation: { charge: 'FREE' } });
      expect(await kinds(generation)).toEqual([]);
    });

    it('should keep words that are longer than anyone should write', async () => {
      const generation = await opened(ledger(), await enrolled(ledger()));
      const failure = {
        code: 'PROVIDER_FAILED' as const,
        message: '✨'.repeat(50_000),
        retryable: true,
      };
      const end = aSettlement(generation, 'FAILED', { failure, reason: 'é'.repeat(99_999) });
      expect(await ledger().settle(end)).toMatchObject({ kind: 'settled' });
    });

    it('should keep the key of a thumbnail', async () => {
      const generation = await opened(ledger(), await enrolled(ledger()));
      const output = { ...anOutput, thumbnailKey: 'a1b2c3/generation/0-small.webp' };
      await ledger().settle(aSettlement(generation, 'SUCCEEDED', { outputs: [output, anOutput] }));
      expect((await ledger().locate(generation.id))?.outputs).toEqual([output, anOutput]);
    });

    it('should keep what a video output has', async () => {
      const generation = await opened(ledger(), await enrolled(ledger()));
      const video = {
        ...anOutput,
        contentType: 'video/mp4',
        width: null,
        height: null,
        durationMs: 8_000.5,
      };
      await ledger().settle(aSettlement(generation, 'SUCCEEDED', { outputs: [video] }));
      expect((await ledger().locate(generation.id))?.outputs).toEqual([video]);
    });
  });

  describe('restoring what was posted', () => {
    it('should give the unit back once, and mark the account stale', async () => {
      const account = await enrolled(ledger());
      const generation = await opened(ledger(), account);
      await ledger().settle(aSettlement(generation, 'SUCCEEDED'));
      const { epoch } = await balance(ledger(), account);
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => ledger().restorePosted(support(generation))),
      );
      expect(answers.filter((answer) => answer !== null)).toEqual([
        expect.objectContaining({ status: 'SUCCEEDED', charge: 'RESTORED' }),
      ]);
      expect(await ledger().stale(1_000, null)).toContainEqual(
        expect.objectContaining({ account }),
      );
      expect(await kinds(generation)).toEqual(['HOLD', 'POST', 'RESTORE']);
      // One epoch for the restoration, none for the seven that came late, one for this reckoning.
      expect(await balance(ledger(), account)).toMatchObject({ used: 0, epoch: epoch + 2 });
    });

    it('should not touch one that is held, restored or free', async () => {
      const account = await enrolled(ledger());
      const held = await opened(ledger(), account);
      const free = await opened(ledger(), account, { units: 0 });
      await ledger().settle(aSettlement(free, 'SUCCEEDED'));
      expect(await ledger().restorePosted(support(held))).toBeNull();
      expect(await ledger().restorePosted(support(free))).toBeNull();
      await ledger().settle(aSettlement(held, 'FAILED'));
      expect(await ledger().restorePosted(support(held))).toBeNull();
    });

    it('should give the unit back to the period it was taken from', async () => {
      const account = await enrolled(ledger());
      const [posted, late] = [await opened(ledger(), account), await opened(ledger(), account)];
      await ledger().settle(aSettlement(posted, 'SUCCEEDED'));
      const period = { ref: { term: 0, index: 1 }, startsAt: START + 1, endsAt: START + 2 };
      const subscription = aSubscription(account, { periodIndex: 1 });
      const next = aReckoning(account, { period, subscription });
      expect(await reckon(ledger(), next)).toMatchObject({ used: 0, held: 0 });
      await opened(ledger(), account, { period: period.ref });
      await ledger().restorePosted(support(posted));
      await ledger().settle(aSettlement(late, 'FAILED'));
      expect(await balance(ledger(), account)).toMatchObject({ used: 0, held: 0 });
      expect(await reckon(ledger(), next)).toMatchObject({ used: 1, held: 1 });
    });
  });
}
