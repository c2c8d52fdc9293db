import { epochOf, revisionOf, type Quota } from '../../src/domain/quota.js';
import type { Gate } from '../../src/gate.js';
import type { Live } from '../../src/live.js';
import { eventually } from '../world/eventually.js';
import {
  DAY_MS,
  HEAL_AFTER_MS,
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

/** Replacing, reading, publishing and healing what a gate knows. */
export function describeUpkeep(under: () => GateUnderTest): void {
  let gate: Gate;
  let live: Live;

  beforeAll(() => {
    ({ gate, live } = under());
  });

  describe('put', () => {
    it('should give everything back as it was put', async () => {
      const account = newAccount();
      const pending = { plan: 'core', at: T0 + DAY_MS };
      const revision = revisionOf(2 ** 27 - 1) + 2 ** 26 - 2; // The last but one there is: no digit may be lost.
      const state = stateOf(account, { plan: 'plüs "1"', used: 3, held: 2, pending, revision });
      const holds = ['a:b', 'c'].map((generationId) => ({ generationId, units: 1, at: T0 - 7 }));
      expect(await gate.put({ ...state, holds })).toBe(true);
      expect(await gate.inspect(account)).toEqual({ quota: state.quota, holds });
      expect(await gate.read(account, T0)).toEqual({ quota: state.quota, healDue: false });
      const answer = await gate.take(takingOf(account));
      expect(answer).toMatchObject({ quota: { revision: revision + 1, used: 4 } });
    });

    it('should remember open holds so that settling them works', async () => {
      const account = newAccount();
      const taking = takingOf(account, { units: 2 });
      const hold = { generationId: taking.generationId, units: 2, at: T0 };
      await gate.put({ ...stateOf(account, { used: 2, held: 2 }), holds: [hold] });
      expect(await gate.settle(holdOf(taking), 'restored')).toBe('settled');
      expect(await quotaOf(gate, account)).toMatchObject({ used: 0, held: 0 });
    });

    it('should replace an older epoch only, however many changes it has seen', async () => {
      const { account } = await withOneTaken(gate, { revision: revisionOf(7) });
      expect(await gate.put(stateOf(account, { revision: revisionOf(6) }))).toBe(false);
      expect(await gate.put(stateOf(account, { revision: revisionOf(7) }))).toBe(false);
      const changed = stateOf(account, { revision: revisionOf(7) + 100 });
      expect(await gate.put(changed)).toBe(false);
      expect(await quotaOf(gate, account)).toMatchObject({ used: 1 });
      expect(await gate.put(stateOf(account, { revision: revisionOf(8) }))).toBe(true);
      expect(await gate.put(stateOf(account, { revision: revisionOf(8) }))).toBe(false);
      expect(await gate.inspect(account)).toMatchObject({ quota: { used: 0 }, holds: [] });
    });

    it('should drop what only the replaced state had', async () => {
      const account = await seeded(gate, { pending: { plan: 'core', at: T0 } });
      await gate.put(stateOf(account, { limit: null, revision: revisionOf(2) }));
      expect(await quotaOf(gate, account)).toMatchObject({ limit: null, pending: null });
      await gate.put(stateOf(account, { limit: 0, revision: revisionOf(3) }));
      expect(await gate.take(takingOf(account))).toMatchObject({ kind: 'refused' });
    });

    it('should not apply when the account has moved since it was looked at', async () => {
      const account = await seeded(gate);
      const { revision } = await quotaOf(gate, account);
      const taking = takingOf(account);
      await gate.take(taking);
      const healed = stateOf(account, { revision: revisionOf(2) });
      expect(await gate.put(healed, revision)).toBe(false);
      expect(await gate.put(healed, revision + 1)).toBe(true);
    });

    it('should apply to a lost account whatever revision was looked at', async () => {
      const account = newAccount();
      expect(await gate.put(stateOf(account), 12345)).toBe(true);
    });

    it('should keep how long back requests are remembered', async () => {
      const account = await seeded(gate, { limit: 0 });
      const later = { ...stateOf(account, { limit: 0, revision: revisionOf(2) }), at: T0 + DAY_MS };
      await gate.put(later);
      expect(await gate.take(takingOf(account))).toMatchObject({ kind: 'refused', since: T0 });
    });
  });

  describe('revisions', () => {
    it('should rise with every change, and the last one published is the one to read', async () => {
      const account = newAccount();
      const published: Quota[] = [];
      const unsubscribe = await live.subscribe(account, (event) => {
        if (event.kind === 'quota') published.push(event.quota);
      });
      await gate.put(stateOf(account, { limit: 30 }));
      const takings = Array.from({ length: 40 }, () => takingOf(account));
      await Promise.all(takings.map((taking) => gate.take(taking)));
      await Promise.all(takings.map((taking) => gate.settle(holdOf(taking), 'restored')));
      await gate.put(stateOf(account, { limit: 30, revision: revisionOf(2) }));
      await gate.adopt(holdOf(takingOf(account)), 2);
      const released = takingOf(account);
      await gate.take(released);
      await gate.release(account, released.generationId, released.requestKey, null);

      const reading = await gate.read(account, T0);
      await eventually(() => {
        expect(published.at(-1)).toEqual(reading?.quota);
      });
      unsubscribe();
      const revisions = published.map(({ revision }) => revision);
      // 2 puts, 30 takes, 30 settlements, 1 adoption, 1 take, 1 release; refusals and repetitions publish nothing.
      expect(revisions).toHaveLength(65);
      expect(revisions).toEqual([...new Set(revisions)].sort((a, b) => a - b));
      expect(epochOf(revisions.at(-1)!)).toBe(2);
    });
  });

  describe('read and inspect', () => {
    it('should know nothing of an unknown account', async () => {
      const account = newAccount();
      expect(await gate.read(account, T0)).toBeNull();
      expect(await gate.inspect(account)).toBeNull();
    });

    it('should read nothing from validUntil on, and still show it to healing', async () => {
      const account = await seeded(gate, { validUntil: T0 + 5000 });
      expect(await gate.read(account, T0 + 4999)).not.toBeNull();
      expect(await gate.read(account, T0 + 5000)).toBeNull();
      expect(await gate.inspect(account)).toMatchObject({ quota: { validUntil: T0 + 5000 } });
    });
  });

  describe('healing', () => {
    const due = T0 + 1000 + HEAL_AFTER_MS;
    const dueAt = async (account: string, at: number) => (await gate.read(account, at))?.healDue;

    it('should fall due the bound after the first open take', async () => {
      const { account } = await withOneTaken(gate);
      await gate.take(takingOf(account, { at: T0 + 9000 }));
      expect(await dueAt(account, due - 1)).toBe(false);
      expect(await dueAt(account, due)).toBe(true);
      expect(await gate.take(takingOf(account, { at: due - 1 }))).toMatchObject({ healDue: false });
      expect(await gate.take(takingOf(account, { at: due }))).toMatchObject({ healDue: true });
    });

    it('should be said with a refusal too', async () => {
      const { account } = await withOneTaken(gate, { limit: 1 });
      const answer = await gate.take(takingOf(account, { at: due }));
      expect(answer).toMatchObject({ kind: 'refused', healDue: true });
    });

    it('should outlast the takes: what ended may have been lost on the way, here or in the ledger', async () => {
      const { account, taking } = await withOneTaken(gate);
      const second = takingOf(account);
      await gate.take(second);
      await gate.settle(holdOf(taking), 'posted');
      await gate.release(account, second.generationId, second.requestKey, null);
      expect(await dueAt(account, due - 1)).toBe(false);
      expect(await dueAt(account, due)).toBe(true);
    });

    it('should begin anew when a state is put: with holds later, without them not at all', async () => {
      const { account, taking } = await withOneTaken(gate);
      const { generationId, units, at } = taking;
      const healed = stateOf(account, { used: 1, held: 1, revision: revisionOf(2) });
      await gate.put({ ...healed, holds: [{ generationId, units, at }], at: due });
      expect(await dueAt(account, due + HEAL_AFTER_MS - 1)).toBe(false);
      expect(await dueAt(account, due + HEAL_AFTER_MS)).toBe(true);
      await gate.put(stateOf(account, { revision: revisionOf(3) }));
      expect(await dueAt(account, due + HEAL_AFTER_MS)).toBe(false);
    });

    it('should follow an adopted hold', async () => {
      const account = await seeded(gate);
      await gate.adopt(holdOf(takingOf(account)), 1);
      expect(await dueAt(account, due - 1)).toBe(false);
      expect(await dueAt(account, due)).toBe(true);
    });
  });

  describe('sweep', () => {
    async function swept(at: number): Promise<string[]> {
      const found: string[] = [];
      let cursor: string | null = null;
      do {
        const step: Awaited<ReturnType<Gate['sweep']>> = await gate.sweep(cursor, at);
        found.push(...step.due);
        cursor = step.next;
      } while (cursor !== null);
      return found;
    }

    it('should find every account that is due among several hundred, and no other', async () => {
      const all = await Promise.all(Array.from({ length: 600 }, () => seeded(gate)));
      const taken = all.filter((_, i) => i % 3 === 0);
      await Promise.all(taken.map((account) => gate.take(takingOf(account))));
      const due = T0 + 1000 + HEAL_AFTER_MS;
      const mine = new Set(all);
      const early = (await swept(due - 1)).filter((account) => mine.has(account));
      expect(early).toEqual([]);
      const found = new Set((await swept(due)).filter((account) => mine.has(account)));
      expect([...found].sort()).toEqual([...taken].sort());
    });
  });

  describe('account ids', () => {
    it.each([
      'with space and\nnewline',
      '{tag}:gate',
      '}{',
      '*?[a-z]',
      'ünïcødé-✨-日本',
      'x'.repeat(128),
      'auth0|5f7c8ec7c33c6c004bbafe82',
      'a/b+c=d',
    ])('should serve %j like any other', async (id) => {
      const account = id.length === 128 ? id : `${id}${newAccount()}`;
      await gate.put(stateOf(account, { limit: 1, revision: revisionOf(Date.now() % 2 ** 20) }));
      const taking = takingOf(account);
      const heard: string[] = [];
      const unsubscribe = await live.subscribe(account, (event) => heard.push(event.kind));
      expect(await gate.take(taking)).toMatchObject({ kind: 'taken' });
      expect(await gate.take(takingOf(account))).toMatchObject({ kind: 'refused' });
      await eventually(() => {
        expect(heard).toEqual(['quota']);
      });
      unsubscribe();
      const { due } = await sweepOnceFor(account);
      expect(due).toContain(account);
      expect(await gate.settle(holdOf(taking), 'restored')).toBe('settled');
    });

    async function sweepOnceFor(account: string): Promise<{ due: string[] }> {
      let step = await gate.sweep(null, T0 + 10 * HEAL_AFTER_MS);
      while (!step.due.includes(account) && step.next !== null)
        step = await gate.sweep(step.next, T0 + 10 * HEAL_AFTER_MS);
      return step;
    }
  });
}
