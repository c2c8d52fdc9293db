import { LedgerUnavailable } from '../../src/ledger.js';
import { makeManualClock, type ManualClock } from '../world/clock.js';
import { eventually } from '../world/eventually.js';
import { delivered } from '../world/puppet.js';
import { makeWorld, MODES, press, type World } from '../world/world.js';

const HOUR_MS = 60 * 60 * 1000;

describe.each(MODES)('files of generations, %s', (mode) => {
  let world: World;
  let clock: ManualClock;
  beforeEach(() => {
    clock = makeManualClock(Date.parse('2026-06-15T12:00:00Z'));
  });
  afterEach(() => world.dispose());

  async function pressed(): Promise<string> {
    const answer = await world.app.generate(world.account, press());
    if (answer.kind !== 'accepted') throw new Error(answer.kind);
    return answer.generation.id;
  }

  const sizes = (keys: readonly string[]) =>
    Promise.all(keys.map((key) => world.core.assets.size(key)));

  it('should stay, whatever the time, once they are settled', async () => {
    world = await makeWorld(mode, { clock });
    world.provider.always(delivered());
    world.app.start();
    const id = await pressed();
    const output = await eventually(async () => {
      const [first] = (await world.app.generation(world.account, id))?.outputs ?? [];
      expect(first).toBeDefined();
      return first!;
    });
    expect(await world.core.removals.due(clock.now() + 100 * HOUR_MS, 10)).toEqual([]);
    for (let round = 0; round < 10; round += 1) clock.advance(HOUR_MS);
    expect(await sizes([output.key, output.thumbnailKey!])).not.toContain(null);
  });

  it('should go when the process died before it settled', async () => {
    let hasTried = false;
    world = await makeWorld(mode, {
      clock,
      change: ({ ledger }) => ({
        ledger: {
          ...ledger,
          settle() {
            hasTried = true;
            return Promise.reject(new LedgerUnavailable('It is away.'));
          },
        },
      }),
    });
    world.provider.always(delivered());
    const id = await pressed();
    const keys = await eventually(async () => {
      const listed = await world.core.removals.due(clock.now() + 100 * HOUR_MS, 10);
      expect(listed).toHaveLength(2);
      expect(await sizes(listed)).not.toContain(null);
      // Before that, a shutdown would drop the files itself.
      expect(hasTried).toBe(true);
      return listed;
    });
    let isDrained = false;
    void world.app.drain(0).then(() => (isDrained = true));
    await eventually(() => {
      clock.advance(100);
      expect(isDrained).toBe(true);
    });

    // Another process ends the generation, and later removes what nobody settled with.
    const another = await world.another();
    another.start();
    await eventually(async () => {
      clock.advance(1_000);
      expect((await another.generation(world.account, id))?.finishedAt).not.toBeNull();
    });
    expect(await sizes(keys)).not.toContain(null);
    clock.advance(2 * HOUR_MS);
    await eventually(async () => {
      clock.advance(5_000);
      expect(await sizes(keys)).toEqual([null, null]);
    });
  });

  it('should be delivered although the ledger was away when they were announced', async () => {
    let isAway = true;
    world = await makeWorld(mode, {
      clock,
      change: ({ removals }) => ({
        removals: {
          ...removals,
          schedule: (keys, dueAt) =>
            isAway
              ? Promise.reject(new LedgerUnavailable('It is away.'))
              : removals.schedule(keys, dueAt),
        },
      }),
    });
    world.provider.always(delivered());
    const id = await pressed();
    await eventually(async () => {
      expect(await world.app.generation(world.account, id)).toMatchObject({ status: 'SUCCEEDED' });
    });
    isAway = false;
  });
});
