import { revisionOf } from '../../src/domain/quota.js';
import type { Gate } from '../../src/gate.js';
import {
  DAY_MS,
  T0,
  holdOf,
  newAccount,
  quotaOf,
  seeded,
  stateOf,
  takingOf,
  withOneTaken,
  type GateUnderTest,
} from './gate.states.js';

/** Taking units, and every way a take ends. */
export function describeTakes(under: () => GateUnderTest): void {
  let gate: Gate;

  beforeAll(() => {
    ({ gate } = under());
  });

  describe('take', () => {
    it('should grant exactly what remains to a thousand concurrent takes', async () => {
      const account = await seeded(gate, { limit: 8, granted: 2 });
      const answers = await Promise.all(
        Array.from({ length: 1000 }, () => gate.take(takingOf(account))),
      );
      expect(answers.filter(({ kind }) => kind === 'taken')).toHaveLength(10);
      expect(answers.filter(({ kind }) => kind === 'refused')).toHaveLength(990);
      expect(await quotaOf(gate, account)).toMatchObject({ used: 10, held: 10 });
    });

    it('should answer the quota after the take, one revision on', async () => {
      const account = await seeded(gate);
      const before = stateOf(account).quota;
      expect(await gate.take(takingOf(account))).toEqual({
        kind: 'taken',
        quota: { ...before, used: 1, held: 1, revision: before.revision + 1 },
        healDue: false,
      });
    });

    it('should take once for the same generation, however often it is sent', async () => {
      const account = await seeded(gate);
      const taking = takingOf(account);
      const answers = await Promise.all([1, 2, 3].map(() => gate.take(taking)));
      expect(answers.map(({ kind }) => kind)).toEqual(['taken', 'taken', 'taken']);
      const late = await gate.take({ ...taking, at: T0 + 40 * DAY_MS });
      expect(late).toMatchObject({ kind: 'taken', quota: { used: 1, held: 1 } });
      expect((await gate.inspect(account))?.holds).toHaveLength(1);
    });

    it('should take several units at once or none', async () => {
      const account = await seeded(gate, { limit: 5 });
      expect(await gate.take(takingOf(account, { units: 4 }))).toMatchObject({ kind: 'taken' });
      expect(await gate.take(takingOf(account, { units: 2 }))).toMatchObject({ kind: 'refused' });
      expect(await quotaOf(gate, account)).toMatchObject({ used: 4, held: 4 });
    });

    it.each([0, -1, 0.5, NaN])('should refuse to take %p units as a fault', async (units) => {
      const account = await seeded(gate);
      await expect(gate.take(takingOf(account, { units }))).rejects.toThrow(RangeError);
      expect(await quotaOf(gate, account)).toMatchObject({ used: 0 });
    });

    it('should never refuse where the plan is unlimited', async () => {
      const account = await seeded(gate, { limit: null });
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => gate.take(takingOf(account))),
      );
      expect(answers.every(({ kind }) => kind === 'taken')).toBe(true);
      expect(await quotaOf(gate, account)).toMatchObject({ limit: null, used: 50, held: 50 });
    });

    it('should say nothing of an account it does not know', async () => {
      expect(await gate.take(takingOf(newAccount()))).toEqual({ kind: 'unknown' });
    });

    it('should not trust what it knows from validUntil on', async () => {
      const account = await seeded(gate, { validUntil: T0 + 5000 });
      expect(await gate.take(takingOf(account, { at: T0 + 5000 }))).toEqual({ kind: 'unknown' });
      expect(await gate.take(takingOf(account, { at: T0 + 4999 }))).toMatchObject({
        kind: 'taken',
      });
    });

    it('should take from the present period for a process with a slow clock', async () => {
      const account = await seeded(gate);
      const answer = await gate.take(takingOf(account, { at: T0 - DAY_MS }));
      expect(answer).toMatchObject({ kind: 'taken', quota: { period: { index: 3 }, used: 1 } });
    });

    it('should leave no trace of a refusal', async () => {
      const account = await seeded(gate, { limit: 1, used: 1, held: 0 });
      const before = await gate.inspect(account);
      const taking = takingOf(account);
      expect(await gate.take(taking)).toEqual({
        kind: 'refused',
        quota: before?.quota,
        healDue: false,
        since: T0,
      });
      expect(await gate.inspect(account)).toEqual(before);
      // Not even of the request: it may succeed later, with another generation.
      await gate.put(stateOf(account, { limit: 100, used: 1, revision: revisionOf(2) }));
      const again = takingOf(account, { requestKey: taking.requestKey });
      expect(await gate.take(again)).toMatchObject({ kind: 'taken' });
    });
  });

  describe('replays', () => {
    it('should answer a repeated request with its generation', async () => {
      const { account, taking } = await withOneTaken(gate);
      const again = takingOf(account, { requestKey: taking.requestKey });
      const answer = { kind: 'replayed', generationId: taking.generationId };
      expect(await gate.take(again)).toEqual(answer);
      expect(await quotaOf(gate, account)).toMatchObject({ used: 1 });
    });

    it('should do so before looking at quota, period or settlement', async () => {
      const { account, taking } = await withOneTaken(gate, { limit: 1 });
      const again = takingOf(account, { requestKey: taking.requestKey });
      const answer = { kind: 'replayed', generationId: taking.generationId };
      expect(await gate.take(again)).toEqual(answer);
      await gate.settle(holdOf(taking), 'posted');
      expect(await gate.take(again)).toEqual(answer);
      await gate.put(stateOf(account, { validUntil: T0, revision: revisionOf(2) }));
      expect(await gate.take(again)).toEqual(answer);
    });

    it('should tell the same request of two accounts apart', async () => {
      const { taking } = await withOneTaken(gate);
      const other = await seeded(gate);
      const answer = await gate.take(takingOf(other, { requestKey: taking.requestKey }));
      expect(answer.kind).toBe('taken');
    });

    it('should take again when told that the remembered generation never was', async () => {
      const { account, taking } = await withOneTaken(gate);
      const second = takingOf(account, { requestKey: taking.requestKey, ignoreReplay: true });
      expect(await gate.take(second)).toMatchObject({ kind: 'taken', quota: { used: 2 } });
      const third = takingOf(account, { requestKey: taking.requestKey });
      const answer = { kind: 'replayed', generationId: second.generationId };
      expect(await gate.take(third)).toEqual(answer);
    });
  });

  describe('settle', () => {
    it('should keep a posted unit used', async () => {
      const { account, taking } = await withOneTaken(gate);
      expect(await gate.settle(holdOf(taking), 'posted')).toBe('settled');
      expect(await quotaOf(gate, account)).toMatchObject({ used: 1, held: 0 });
    });

    it('should give a restored unit back so that it can be taken again', async () => {
      const { account, taking } = await withOneTaken(gate, { limit: 1 });
      expect(await gate.take(takingOf(account))).toMatchObject({ kind: 'refused' });
      expect(await gate.settle(holdOf(taking), 'restored')).toBe('settled');
      expect(await quotaOf(gate, account)).toMatchObject({ used: 0, held: 0 });
      expect(await gate.take(takingOf(account))).toMatchObject({ kind: 'taken' });
      expect(await gate.take(takingOf(account))).toMatchObject({ kind: 'refused' });
    });

    it('should change nothing the second time', async () => {
      const { account, taking } = await withOneTaken(gate);
      await gate.settle(holdOf(taking), 'restored');
      const before = await quotaOf(gate, account);
      expect(await gate.settle(holdOf(taking), 'restored')).toBe('missing');
      expect(await gate.settle(holdOf(taking), 'posted')).toBe('missing');
      expect(await quotaOf(gate, account)).toEqual(before);
    });

    it('should say missing of a take that never was', async () => {
      const account = await seeded(gate);
      expect(await gate.settle(holdOf(takingOf(account)), 'restored')).toBe('missing');
      expect(await quotaOf(gate, account)).toMatchObject({ used: 0, held: 0 });
    });

    it.each([
      ['index', { term: 0, index: 2 }],
      ['term', { term: 1, index: 3 }],
    ])('should leave a period of another %s alone', async (_, period) => {
      const { account, taking } = await withOneTaken(gate);
      expect(await gate.settle(holdOf(taking, { period }), 'restored')).toBe('elsewhere');
      expect(await quotaOf(gate, account)).toMatchObject({ used: 1, held: 1 });
    });

    it('should say elsewhere of an account it does not know', async () => {
      const hold = holdOf(takingOf(newAccount()));
      expect(await gate.settle(hold, 'posted')).toBe('elsewhere');
    });

    it('should give back exactly what was taken under contention', async () => {
      const account = await seeded(gate, { limit: 100 });
      const takings = Array.from({ length: 60 }, () => takingOf(account));
      await Promise.all(takings.map((taking) => gate.take(taking)));
      const ends = takings.flatMap((taking, i) =>
        [0, 1].map(() => gate.settle(holdOf(taking), i % 2 === 0 ? 'posted' : 'restored')),
      );
      const answers = await Promise.all(ends);
      expect(answers.filter((answer) => answer === 'settled')).toHaveLength(60);
      expect(await quotaOf(gate, account)).toMatchObject({ used: 30, held: 0 });
      expect((await gate.inspect(account))?.holds).toEqual([]);
    });
  });

  describe('release', () => {
    it('should give the take back and forget its request', async () => {
      const { account, taking } = await withOneTaken(gate);
      await gate.release(account, taking.generationId, taking.requestKey, null);
      expect(await gate.inspect(account)).toMatchObject({ quota: { used: 0, held: 0 }, holds: [] });
      const again = takingOf(account, { requestKey: taking.requestKey });
      expect(await gate.take(again)).toMatchObject({ kind: 'taken', quota: { used: 1 } });
    });

    it('should leave a request alone that means another generation by now', async () => {
      const { account, taking } = await withOneTaken(gate);
      const second = takingOf(account, { requestKey: taking.requestKey, ignoreReplay: true });
      await gate.take(second);
      await gate.release(account, taking.generationId, taking.requestKey, null);
      const third = takingOf(account, { requestKey: taking.requestKey });
      expect(await gate.take(third)).toMatchObject({ generationId: second.generationId });
      expect(await quotaOf(gate, account)).toMatchObject({ used: 1 });
    });

    it('should let the request mean the generation that was first', async () => {
      const { account, taking } = await withOneTaken(gate);
      await gate.release(account, taking.generationId, taking.requestKey, 'the-first');
      const again = takingOf(account, { requestKey: taking.requestKey });
      expect(await gate.take(again)).toEqual({ kind: 'replayed', generationId: 'the-first' });
      expect(await quotaOf(gate, account)).toMatchObject({ used: 0, held: 0 });
    });

    it('should be a no-op when nothing was taken', async () => {
      const account = await seeded(gate);
      const before = await gate.inspect(account);
      await gate.release(account, 'never', 'never', null);
      expect(await gate.inspect(account)).toEqual(before);
      await gate.release(newAccount(), 'never', 'never', null);
    });
  });

  describe('adopt', () => {
    it('should count a hold once, with or without room', async () => {
      const account = await seeded(gate, { limit: 1, used: 1 });
      const taking = takingOf(account);
      expect(await gate.adopt(holdOf(taking), 1)).toBe(true);
      expect(await gate.adopt(holdOf(taking), 1)).toBe(true);
      expect(await gate.inspect(account)).toMatchObject({
        quota: { used: 2, held: 1 },
        holds: [{ generationId: taking.generationId, units: 1, at: taking.at }],
      });
    });

    it('should let nothing be taken until what is owed has come back', async () => {
      const account = await seeded(gate, { limit: 1, used: 1 });
      const taking = takingOf(account);
      await gate.adopt(holdOf(taking), 1);
      await gate.settle(holdOf(taking), 'restored');
      expect(await gate.take(takingOf(account))).toMatchObject({ kind: 'refused' });
    });

    it('should not count what the state of a later epoch is yet to say', async () => {
      const account = await seeded(gate);
      const taking = takingOf(account);
      expect(await gate.adopt(holdOf(taking), 2)).toBe(false);
      expect(await quotaOf(gate, account)).toMatchObject({ used: 0 });
      await gate.put(stateOf(account, { revision: revisionOf(2) }));
      expect(await gate.adopt(holdOf(taking), 2)).toBe(true);
      expect(await quotaOf(gate, account)).toMatchObject({ used: 1, held: 1 });
    });

    it('should be a no-op for what was taken here, another period and an unknown account', async () => {
      const { account, taking } = await withOneTaken(gate);
      const before = await gate.inspect(account);
      await gate.adopt(holdOf(taking), 1);
      await gate.adopt(holdOf(takingOf(account), { period: { term: 0, index: 2 } }), 1);
      expect(await gate.inspect(account)).toEqual(before);
      const unknown = newAccount();
      expect(await gate.adopt(holdOf(takingOf(unknown)), 1)).toBe(false);
      expect(await gate.inspect(unknown)).toBeNull();
    });
  });
}
