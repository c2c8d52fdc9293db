import type { Job } from '../../src/provider.js';
import { makeManualClock, type ManualClock } from '../world/clock.js';
import { eventually } from '../world/eventually.js';
import { delivered } from '../world/puppet.js';
import { makeWorld, MODES, press, type World } from '../world/world.js';

describe.each(MODES)('progress, %s', (mode) => {
  let world: World;
  let clock: ManualClock;
  let notes: unknown[];
  beforeEach(async () => {
    clock = makeManualClock(Date.parse('2026-06-15T12:00:00Z'));
    notes = [];
    world = await makeWorld(mode, {
      clock,
      change: ({ ledger }) => ({
        ledger: {
          ...ledger,
          note(lease, news) {
            notes.push(news);
            return ledger.note(lease, news);
          },
        },
      }),
    });
  });
  afterEach(() => world.dispose());

  async function dispatched(): Promise<Job> {
    await world.app.generate(world.account, press());
    return eventually(() => {
      expect(world.provider.jobs).toHaveLength(1);
      return world.provider.jobs[0]!;
    });
  }

  const progressOf = async ({ id }: Job) =>
    (await world.app.generation(world.account, id))?.progress;

  it('should show the newest value, and tell the ledger at most once a second', async () => {
    const job = await dispatched();
    for (const progress of [0.1, 0.2, 0.301, 0.999]) job.report(progress);
    expect(notes).toEqual([]);
    clock.advance(1_000);
    await eventually(async () => {
      expect(await progressOf(job)).toBe(1);
    });
    expect(notes).toEqual([{ progress: 1 }]);
  });

  it('should reach every screen', async () => {
    const job = await dispatched();
    const screen = await world.app.watchGenerations(world.account, job.id);
    await screen.next();
    job.report(0.5);
    clock.advance(1_000);
    await eventually(async () => {
      expect((await screen.next()).value).toMatchObject({ status: 'RUNNING', progress: 0.5 });
    });
    await screen.return?.();
  });

  it.each([NaN, -1, Infinity, 7])('should make sense of %s', async (odd) => {
    const job = await dispatched();
    job.report(odd);
    job.report(0.25);
    job.report(odd);
    clock.advance(1_000);
    await eventually(async () => {
      expect(await progressOf(job)).toBe(odd > 1 ? 1 : 0.25);
    });
  });

  it('should be over with the generation', async () => {
    const job = await dispatched();
    job.report(0.5);
    clock.advance(1_000);
    await eventually(async () => {
      expect(await progressOf(job)).toBe(0.5);
    });
    world.provider.end(job.id, delivered());
    await eventually(async () => {
      expect(await world.app.generation(world.account, job.id)).toMatchObject({
        status: 'SUCCEEDED',
        progress: null,
      });
    });
    job.report(0.9);
    clock.advance(5_000);
    expect(notes).toEqual([{ progress: 0.5 }]);
  });
});
