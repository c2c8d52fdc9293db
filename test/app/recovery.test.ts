import { randomUUID } from 'node:crypto';
import type { Core } from '../../src/app/core.js';
import type { Generation } from '../../src/domain/generation.js';
import type { Lookup, Provider } from '../../src/provider.js';
import { makeManualClock, type ManualClock } from '../world/clock.js';
import { eventually } from '../world/eventually.js';
import { delivered } from '../world/puppet.js';
import { makeWorld, MODES, press, type World } from '../world/world.js';

const NOON = Date.UTC(2026, 2, 10, 12);

describe.each(MODES)('recovery, %s', (mode) => {
  let clock: ManualClock;
  let world: World;
  beforeEach(async () => {
    clock = makeManualClock(NOON);
    world = await makeWorld(mode, { clock });
    await world.app.quota(world.account);
    world.app.start();
  });
  afterEach(() => world.dispose());

  /** One as a process leaves it behind that died after opening it. */
  async function orphan(status: 'QUEUED' | 'RUNNING', dueAt: number): Promise<Generation> {
    const { core, account } = world;
    const id = randomUUID();
    const requestKey = randomUUID();
    const at = clock.now();
    const taken = await core.gate.take({ account, generationId: id, requestKey, units: 1, at });
    if (taken.kind !== 'taken') throw new Error(taken.kind);
    const generation: Generation = {
      ...press(),
      account,
      id,
      contentHash: 'hash',
      status,
      charge: 'HELD',
      units: 1,
      rule: '2026-02-25',
      period: taken.quota.period,
      provider: 'sketch',
      attempt: status === 'RUNNING' ? 1 : 0,
      createdAt: at,
      deadlineAt: at + 600_000,
      finishedAt: null,
      failure: null,
      outputs: [],
      kind: 'image',
      progress: null,
      deletedAt: null,
    };
    const opened = await core.ledger.open({
      generation,
      requestKey,
      dueAt,
      owner: 'dead',
      withoutGate: false,
    });
    expect(opened.kind).toBe('opened');
    return generation;
  }

  /** Lets background rounds run until `check` holds. */
  async function untilRecovered(check: () => Promise<void>): Promise<void> {
    await eventually(async () => {
      clock.advance(1_000);
      await check();
    });
  }

  it('should restore one whose process was lost, soon after its lease ran out', async () => {
    const { id } = await orphan('RUNNING', clock.now() + 30_000);
    clock.advance(29_000);
    expect(await world.app.generation(world.account, id)).toMatchObject({ status: 'RUNNING' });
    await untilRecovered(async () => {
      expect(await world.app.generation(world.account, id)).toMatchObject({
        status: 'EXPIRED',
        charge: 'RESTORED',
      });
      expect(await world.app.quota(world.account)).toMatchObject({ used: 0, held: 0 });
    });
    expect(clock.now() - NOON).toBeLessThan(30_000 + 60_000);
  });

  it('should dispatch one that waited when its process was lost', async () => {
    world.provider.always(delivered());
    const { id } = await orphan('QUEUED', clock.now());
    await untilRecovered(async () => {
      expect(await world.app.generation(world.account, id)).toMatchObject({ status: 'SUCCEEDED' });
    });
    expect(await world.app.quota(world.account)).toMatchObject({ used: 1, held: 0 });
  });

  it('should expire one that waited past its deadline instead of dispatching it', async () => {
    const busy = await busyWorld();
    for (let i = 0; i < 2; i++) await busy.app.generate(busy.account, press());
    const waiting = await busy.app.generate(busy.account, press());
    const id = 'generation' in waiting ? waiting.generation.id : '';
    clock.advance(600_000);
    await eventually(async () => {
      clock.advance(1_000);
      expect(await busy.app.generation(busy.account, id)).toMatchObject({ status: 'EXPIRED' });
      expect(await busy.app.quota(busy.account)).toMatchObject({ used: 0 });
    });
    expect(busy.provider.jobs.map((job) => job.id)).not.toContain(id);
    await busy.dispose();
  });

  /** A world whose provider can tell what became of a job. */
  async function telling(answer: Lookup): Promise<string[]> {
    const asked: string[] = [];
    await world.dispose();
    world = await makeWorld(mode, {
      clock,
      change: ({ providers }) => {
        const provider: Provider = {
          ...providers.get('sketch')!,
          lookup(job) {
            asked.push(job.id);
            return Promise.resolve(answer);
          },
        };
        return { providers: new Map([['sketch', provider]]) };
      },
    });
    await world.app.quota(world.account);
    world.app.start();
    return asked;
  }

  it.each([{ kind: 'running' as const }, delivered()])(
    'should go on with a job that its provider still knows: $kind',
    async (answer) => {
      const asked = await telling(answer);
      world.provider.always(delivered());
      const { id } = await orphan('RUNNING', clock.now());
      await untilRecovered(async () => {
        expect(await world.app.generation(world.account, id)).toMatchObject({
          status: 'SUCCEEDED',
          charge: 'POSTED',
        });
      });
      expect(asked).toEqual([id]);
      const dispatched = world.provider.jobs.map((job) => job.id);
      expect(dispatched).toEqual(answer.kind === 'running' ? [id] : []);
    },
  );

  it('should end a job that its provider never heard of', async () => {
    const asked = await telling({ kind: 'unknown' });
    const { id } = await orphan('RUNNING', clock.now());
    await untilRecovered(async () => {
      expect(await world.app.generation(world.account, id)).toMatchObject({
        status: 'EXPIRED',
        charge: 'RESTORED',
      });
    });
    expect(asked).toEqual([id]);
    expect(world.provider.jobs).toEqual([]);
  });

  it('should drop a take that never became a generation, without anybody touching the account', async () => {
    const { core, account } = world;
    await core.gate.take({
      account,
      generationId: randomUUID(),
      requestKey: randomUUID(),
      units: 1,
      at: clock.now(),
    });
    expect((await core.gate.inspect(account))?.quota.used).toBe(1);
    clock.advance(44_000);
    expect((await core.gate.inspect(account))?.quota.used).toBe(1);
    await untilRecovered(async () => {
      expect((await core.gate.inspect(account))?.quota.used).toBe(0);
    });
  });

  it('should put a gate right that missed a settlement', async () => {
    const generation = await orphan('RUNNING', clock.now() + 600_000);
    await world.core.ledger.settle({
      account: world.account,
      id: generation.id,
      status: 'FAILED',
      failure: { code: 'PROVIDER_FAILED', message: 'x', retryable: true },
      outputs: [],
      reason: 'x',
      actor: 'system',
      at: clock.now(),
      attempt: null,
    });
    await untilRecovered(async () => {
      expect((await world.core.gate.inspect(world.account))?.quota).toMatchObject({
        used: 0,
        held: 0,
      });
    });
  });

  async function busyWorld(): Promise<World> {
    const change = (): Partial<Core> => ({ slots: 2 });
    const busy = await makeWorld(mode, { clock, change });
    busy.app.start();
    return busy;
  }
});
