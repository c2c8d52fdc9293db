import type { App } from '../../src/app.js';
import type { Core } from '../../src/app/core.js';
import { LedgerUnavailable } from '../../src/ledger.js';
import { makeManualClock, type ManualClock } from '../world/clock.js';
import { eventually } from '../world/eventually.js';
import { delivered } from '../world/puppet.js';
import { makeWorld, MODES, press, type World } from '../world/world.js';

const NOON = Date.UTC(2026, 2, 10, 12);

describe.each(MODES)('dispatch under stress, %s', (mode) => {
  let world: World;
  afterEach(() => world.dispose());

  async function begin(change: (core: Core) => Partial<Core> = () => ({}), clock?: ManualClock) {
    world = await makeWorld(mode, { change, ...(clock && { clock }) });
  }

  async function accepted(app: App = world.app, request = press()): Promise<string> {
    const answer = await app.generate(world.account, request);
    if (answer.kind !== 'accepted') throw new Error(answer.kind);
    return answer.generation.id;
  }

  it('should charge nothing for a provider that delivers no file', async () => {
    await begin();
    const id = await accepted();
    world.provider.end(id, { kind: 'delivered', files: [] });
    await eventually(async () => {
      expect(await world.app.generation(world.account, id)).toMatchObject({
        status: 'FAILED',
        charge: 'RESTORED',
      });
    });
  });

  it('should end at the deadline what cannot be stored in time, also when storing hangs', async () => {
    const clock = makeManualClock(NOON);
    const put = () => new Promise<void>(() => undefined);
    await begin((core) => ({ assets: { ...core.assets, put } }), clock);
    const id = await accepted();
    world.provider.end(id, delivered());
    clock.advance(600_000);
    await eventually(async () => {
      expect(await world.app.generation(world.account, id)).toMatchObject({
        status: 'EXPIRED',
        charge: 'RESTORED',
      });
    });
  });

  it('should restore at its deadline what waits for a slot that never gets free', async () => {
    const clock = makeManualClock(NOON);
    await begin((core) => {
      const actions = core.catalog.actions.map((action) =>
        action.id === 'image.edit' ? { ...action, deadlineMs: 60_000 } : action,
      );
      return { slots: 1, catalog: { ...core.catalog, actions } };
    }, clock);
    world.app.start();
    await accepted();
    const waiting = await accepted(world.app, press(undefined, { action: 'image.edit' }));
    await eventually(async () => {
      clock.advance(5_000);
      expect(await world.app.generation(world.account, waiting)).toMatchObject({
        status: 'EXPIRED',
      });
    });
    expect(clock.now() - NOON).toBeLessThan(600_000);
    expect(world.provider.jobs).toHaveLength(1);
  });

  it('should leave slots to everybody else when one account fills the queue', async () => {
    await begin(() => ({ slots: 4 }));
    await world.app.changePlan(world.account, 'plus');
    for (let i = 0; i < 20; i++) await accepted();
    const others = ['neighbour-1', 'neighbour-2', 'neighbour-3'];
    for (const other of others) {
      expect(await world.app.generate(other, press())).toMatchObject({
        generation: { status: 'RUNNING' },
      });
    }
    // With every slot taken, a fourth waits; it is next when one gets free, before the twenty that came first.
    const fourth = await world.app.generate('neighbour-4', press());
    expect(fourth).toMatchObject({ generation: { status: 'QUEUED' } });
    const [first] = world.provider.jobs.slice(-1);
    world.app.start();
    world.provider.end(first!.id, delivered());
    await eventually(() => {
      const id = 'generation' in fourth ? fourth.generation.id : '';
      expect(world.provider.jobs.map((job) => job.id)).toContain(id);
    });
  });

  it('should not take its own work for lost after an outage of the ledger', async () => {
    const clock = makeManualClock(NOON);
    let away = false;
    let renewed = false;
    const partition = (core: Core): Partial<Core> => {
      const unlessAway =
        <A extends unknown[], T>(ask: (...all: A) => Promise<T>) =>
        (...all: A) =>
          away ? Promise.reject(new LedgerUnavailable('away')) : ask(...all);
      const { ledger } = core;
      return {
        ledger: {
          ...ledger,
          renew: unlessAway(async (...all) => {
            await ledger.renew(...all);
            renewed = true;
          }),
          due: unlessAway((...all) => ledger.due(...all)),
          claim: unlessAway((...all) => ledger.claim(...all)),
        },
      };
    };
    await begin(partition, clock);
    world.app.start();
    const other = await world.another(partition);
    other.start();
    // Between the rounds of both: when the ledger is back, a round comes before the next renewal.
    clock.advance(500);
    const id = await accepted();
    away = true;
    for (let step = 0; step < 90; step++) await tick(clock);
    away = false;
    renewed = false;
    await tick(clock);
    await tick(clock);
    await eventually(() => {
      expect(renewed).toBe(true);
    });
    // Within the renewed lease, but past the time others wait before they take anything for lost.
    for (let step = 0; step < 50; step++) await tick(clock);
    expect(await world.app.generation(world.account, id)).toMatchObject({ status: 'RUNNING' });
  });

  /** Half a second, and time for what it woke. */
  async function tick(clock: ManualClock): Promise<void> {
    clock.advance(500);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
});
