import { randomUUID } from 'node:crypto';
import type { GenerateRequest } from '../../src/app.js';
import type { Generation } from '../../src/domain/generation.js';
import type { Job, Provider } from '../../src/provider.js';
import { makeManualClock } from '../world/clock.js';
import { eventually } from '../world/eventually.js';
import { delivered, failed } from '../world/puppet.js';
import { makeWorld, MODES, press, type World, type WorldOptions } from '../world/world.js';

const DAY_MS = 24 * 60 * 60 * 1000;

describe.each(MODES)('what a generation became, %s', (mode) => {
  let world: World;
  async function begin(options: WorldOptions = {}): Promise<void> {
    world = await makeWorld(mode, options);
    world.provider.always(delivered());
  }
  afterEach(() => world.dispose());

  async function pressed(changes: Partial<GenerateRequest> = {}): Promise<string> {
    const answer = await world.app.generate(world.account, press(randomUUID(), changes));
    if (answer.kind !== 'accepted') throw new Error(answer.kind);
    return answer.generation.id;
  }

  async function ended(id: string): Promise<Generation> {
    return eventually(async () => {
      const found = await world.app.generation(world.account, id);
      expect(found?.finishedAt).not.toBeNull();
      return found!;
    });
  }

  const made = async (changes?: Partial<GenerateRequest>) => ended(await pressed(changes));

  it('should be explained by the period it was taken from, also when later ones began', async () => {
    const clock = makeManualClock(Date.parse('2026-06-15T12:00:00Z'));
    await begin({ clock });
    await world.app.putSubscription({
      ...{ account: world.account, plan: 'core', billingCycle: 'MONTHLY' as const },
      ...{ startedAt: Date.parse('2026-05-20T00:00:00Z'), timeZone: 'UTC', immediately: false },
    });
    const ids: string[] = [];
    for (let month = 0; month < 3; month += 1) {
      ids.push((await made()).id);
      clock.advance(30 * DAY_MS);
    }
    await world.app.quota(world.account);
    const periods = await Promise.all(
      ids.map(async (id) => (await world.app.explainCharge(world.account, id)).period),
    );
    expect(periods.map(({ startsAt, used }) => [new Date(startsAt).toISOString(), used])).toEqual([
      ['2026-05-20T00:00:00.000Z', 1],
      ['2026-06-20T00:00:00.000Z', 1],
      ['2026-07-20T00:00:00.000Z', 1],
    ]);
  });

  it('should be no more outputs than were asked for, and no more files', async () => {
    const put: string[] = [];
    await begin({
      change: ({ assets }) => ({
        assets: {
          ...assets,
          put: (key, ...rest) => {
            put.push(key);
            return assets.put(key, ...rest);
          },
        },
      }),
    });
    world.provider.always(delivered(5));
    const generation = await made({ outputCount: 2 });
    const keys = generation.outputs.flatMap(({ key, thumbnailKey }) => [key, thumbnailKey!]);
    expect(keys).toHaveLength(4);
    expect(put.sort()).toEqual(keys.sort());
    const { summary } = await world.app.explainCharge(world.account, generation.id);
    expect(summary).toBe('Counted 1: delivered 2 of 2.');
  });

  /** A provider that is asked after, or instead of, the puppet. */
  function other(dispatch: Provider['dispatch']) {
    const jobs: Job[] = [];
    const provider: Provider = {
      name: 'other',
      dispatch(job, signal) {
        jobs.push(job);
        return dispatch(job, signal);
      },
    };
    return { jobs, provider };
  }

  const served = (providers: string[], ...all: Provider[]): NonNullable<WorldOptions['change']> => {
    return ({ catalog }) => ({
      providers: new Map(all.map((one) => [one.name, one] as const)),
      catalog: {
        ...catalog,
        actions: catalog.actions.map((action) =>
          action.metered ? { ...action, providers } : action,
        ),
      },
    });
  };

  it('should come back when its provider left the catalogue while it waited', async () => {
    await begin({ change: () => ({ slots: 1 }) });
    world.provider.always(null);
    const [running, waiting] = [await pressed(), await pressed()];
    await eventually(async () => {
      expect(await world.app.generation(world.account, waiting)).toMatchObject({
        status: 'QUEUED',
      });
    });
    await world.app.drain(0);

    const { jobs, provider } = other(() => Promise.resolve(delivered()));
    (await world.another(served(['other'], provider))).start();
    for (const id of [running, waiting]) {
      expect(await ended(id)).toMatchObject({
        ...{ status: 'FAILED', charge: 'RESTORED', provider: 'sketch', outputs: [] },
        failure: { retryable: true },
      });
      const entries = await world.app.entries(world.account, [id]);
      expect(entries.map(({ kind }) => kind)).toEqual(['HOLD', 'RESTORE']);
    }
    // It was accepted by one provider: nobody is given it who may do something else with it.
    expect(jobs).toEqual([]);
    await eventually(async () => {
      expect(await world.app.quota(world.account)).toMatchObject({ used: 0, held: 0 });
    });
  });

  it('should begin anew at the next provider, whatever the first one said of its progress', async () => {
    const clock = makeManualClock(Date.parse('2026-06-15T12:00:00Z'));
    const first: Provider = { name: 'first', dispatch: (job) => half(job) };
    let fail = (): void => undefined;
    const half = (job: Job) => {
      job.report(0.5);
      return new Promise<typeof failed>((resolve) => {
        fail = () => {
          resolve(failed);
        };
      });
    };
    const { jobs, provider } = other(() => new Promise(() => undefined));
    await begin({ clock, change: served(['first', 'other'], first, provider) });
    const id = await pressed();
    await eventually(async () => {
      clock.advance(1_000);
      expect(await world.app.generation(world.account, id)).toMatchObject({ progress: 0.5 });
    });
    fail();
    await eventually(() => {
      expect(jobs).toHaveLength(1);
    });
    expect(await world.app.generation(world.account, id)).toMatchObject({
      ...{ status: 'RUNNING', provider: 'other', progress: null },
    });
  });
});
