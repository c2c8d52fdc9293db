import type { Generation } from '../../src/domain/generation.js';
import type { DueGeneration, Ledger } from '../../src/ledger.js';
import { START, aSettlement, enrolled, opened } from './ledger.samples.js';

// Long before any other sample is due, so that these come first.
const DUE = START - 100_000;

export function describeRecovery(ledger: () => Ledger): void {
  const dueOne = async (changes: Partial<Generation> = {}, dueAt = DUE): Promise<DueGeneration> => {
    const account = await enrolled(ledger());
    const { id, status } = await opened(ledger(), account, changes, { dueAt });
    const due = await ledger().due(status as 'RUNNING', dueAt, 1_000, []);
    return due.find((one) => one.id === id)!;
  };

  /** When the lease of each runs out, as far as it runs and does so soon. */
  const leaseEnds = async (of: readonly { id: string }[]) => {
    const due = await ledger().due('RUNNING', DUE + 10, 1_000, []);
    return of.map(({ id }) => due.find((one) => one.id === id)?.dueAt);
  };

  describe('recovery', () => {
    it('should name what is due in one status, the oldest first, bounded', async () => {
      const second = await dueOne({}, DUE - 1);
      const first = await dueOne({}, DUE - 2);
      const queued = await dueOne({ status: 'QUEUED' }, DUE - 3);
      const later = await dueOne({}, DUE + 1);
      const due = await ledger().due('RUNNING', DUE, 1_000, []);
      const ids = due.map(({ id }) => id);
      expect(ids.indexOf(first.id)).toBeLessThan(ids.indexOf(second.id));
      expect(ids).not.toContain(queued.id);
      expect(ids).not.toContain(later.id);
      expect(await ledger().due('QUEUED', DUE - 3, 1_000, [])).toEqual([queued]);
      expect(await ledger().due('RUNNING', DUE, 1, [])).toHaveLength(1);
    });

    it('should pass over the accounts it is told to', async () => {
      const [full, other] = [
        await dueOne({ status: 'QUEUED' }, DUE - 3),
        await dueOne({ status: 'QUEUED' }, DUE - 3),
      ];
      const due = await ledger().due('QUEUED', DUE - 3, 1_000, [full.account, 'nobody']);
      expect(due).toContainEqual(other);
      expect(due).not.toContainEqual(full);
    });

    it('should name what is past its deadline, whatever its lease says, until it has ended', async () => {
      const lease = { deadlineAt: DUE - 50 };
      const waiting = await dueOne({ ...lease, status: 'QUEUED' });
      const running = await dueOne(lease);
      const overdue = async (status: 'QUEUED' | 'RUNNING', at: number) =>
        (await ledger().overdue(status, at, 1_000)).map(({ id }) => id);
      expect(await overdue('QUEUED', DUE - 51)).not.toContain(waiting.id);
      expect(await overdue('QUEUED', DUE - 50)).toEqual([waiting.id]);
      expect(await overdue('RUNNING', DUE - 50)).toEqual([running.id]);
      const generation = (await ledger().find(running.account, running.id))!;
      await ledger().settle(aSettlement(generation, 'EXPIRED'));
      expect(await overdue('RUNNING', DUE)).not.toContain(running.id);
      const left = (await ledger().find(waiting.account, waiting.id))!;
      await ledger().settle(aSettlement(left, 'EXPIRED'));
    });

    it('should not name what has ended', async () => {
      const due = await dueOne();
      const generation = (await ledger().find(due.account, due.id))!;
      await ledger().settle(aSettlement(generation, 'FAILED'));
      expect(await ledger().due('RUNNING', DUE, 1_000, [])).not.toContainEqual(due);
      expect(await ledger().claim(due, 'gateway-2', START)).toBeNull();
    });

    it('should let one of 20 claims take it over', async () => {
      const due = await dueOne({ status: 'QUEUED', attempt: 0 });
      const claims = await Promise.all(
        Array.from({ length: 20 }, (_, n) => ledger().claim(due, `gateway-${n}`, START)),
      );
      const won = claims.filter((claim) => claim !== null);
      expect(won).toEqual([expect.objectContaining({ id: due.id, status: 'RUNNING', attempt: 1 })]);
    });

    it('should not let a claim take over a lease renewed since it was seen', async () => {
      const due = await dueOne();
      await ledger().renew([due], 'gateway-1', DUE + 5);
      expect(await leaseEnds([due])).toEqual([DUE + 5]);
      expect(await ledger().claim(due, 'gateway-2', START + 60_000)).toBeNull();
    });

    it('should renew only what this owner still has', async () => {
      const [mine, lost, ended, again] = [
        await dueOne(),
        await dueOne(),
        await dueOne(),
        await dueOne(),
      ];
      await ledger().claim(lost, 'gateway-2', DUE + 1);
      const generation = (await ledger().locate(ended.id))!;
      await ledger().settle(aSettlement(generation, 'SUCCEEDED'));
      const queued = await dueOne({ status: 'QUEUED' });
      const held = [mine, lost, ended, queued, { ...again, attempt: 9 }];
      await ledger().renew(held, 'gateway-1', DUE + 2);
      await ledger().renew([mine], 'gateway-2', DUE + 3);
      expect(await leaseEnds([mine, lost, ended, again])).toEqual([
        DUE + 2,
        DUE + 1,
        undefined,
        DUE,
      ]);
      expect(await ledger().due('QUEUED', DUE, 1_000, [])).toContainEqual(queued);
    });

    it('should renew hundreds at once', async () => {
      const account = await enrolled(ledger(), null);
      const held = [];
      for (let n = 0; n < 230; n++) held.push(await opened(ledger(), account));
      await ledger().renew(held, 'gateway-1', DUE + 4);
      expect(await leaseEnds(held)).toEqual(held.map(() => DUE + 4));
      await expect(ledger().renew([], 'gateway-1', START)).resolves.toBeUndefined();
    });

    it('should note who serves it and how far that is, while this dispatch runs', async () => {
      const due = await dueOne();
      const standing = async () => (await ledger().locate(due.id))!;
      expect(await ledger().note(due, { progress: 0.25 })).toBe(true);
      expect(await standing()).toMatchObject({ provider: 'sketch', progress: 0.25 });
      expect(await ledger().note(due, { provider: 'second', progress: null })).toBe(true);
      expect(await standing()).toMatchObject({ provider: 'second', progress: null });
      expect(await ledger().note(due, { provider: 'third' })).toBe(true);
      expect(await ledger().note(due, {})).toBe(true);
      expect(await ledger().note({ ...due, attempt: 2 }, { progress: 1 })).toBe(false);
      expect(await ledger().note({ ...due, account: 'x' }, { progress: 1 })).toBe(false);
      expect(await standing()).toMatchObject({ provider: 'third', progress: null, attempt: 1 });
    });

    it('should note nothing of what waits or has ended', async () => {
      const waiting = await dueOne({ status: 'QUEUED' });
      expect(await ledger().note(waiting, { progress: 0.5 })).toBe(false);
      const done = await dueOne();
      await ledger().settle(aSettlement((await ledger().locate(done.id))!, 'FAILED'));
      expect(await ledger().note(done, { progress: 0.5 })).toBe(false);
      expect(await ledger().locate(done.id)).toMatchObject({ progress: null });
    });

    it('should know of no progress after a claim, a return to the queue or the end', async () => {
      const [claimed, returned, done] = [await dueOne(), await dueOne(), await dueOne()];
      for (const one of [claimed, returned, done]) await ledger().note(one, { progress: 0.9 });
      expect(await ledger().claim(claimed, 'gateway-2', START)).toMatchObject({ progress: null });
      await ledger().handBack(returned, 'gateway-1', START);
      expect(await ledger().locate(returned.id)).toMatchObject({ progress: null });
      const generation = (await ledger().locate(done.id))!;
      const { generation: settled } = (await ledger().settle(
        aSettlement(generation, 'SUCCEEDED'),
      )) as { generation: Generation };
      expect(settled.progress).toBeNull();
    });

    it('should hand one back to the queue, unless another has it', async () => {
      const due = await dueOne();
      await ledger().handBack(due, 'gateway-2', DUE - 9);
      expect(await ledger().locate(due.id)).toMatchObject({ status: 'RUNNING' });
      await ledger().handBack(due, 'gateway-1', DUE - 9);
      expect(await ledger().due('QUEUED', DUE - 9, 1_000, [])).toContainEqual({
        ...due,
        status: 'QUEUED',
        dueAt: DUE - 9,
      });
    });
  });
}
