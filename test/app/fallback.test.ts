import { randomUUID } from 'node:crypto';
import type { Job, Outcome, Provider } from '../../src/provider.js';
import { eventually } from '../world/eventually.js';
import { blocked, delivered, failed } from '../world/puppet.js';
import { makeWorld, MODES, press, type World } from '../world/world.js';

describe.each(MODES)('fallbacks, %s', (mode) => {
  let world: World;
  afterEach(() => world.dispose());

  /** A provider that is asked after the puppet, and what it was asked. */
  function second(answer: () => Promise<Outcome>, check?: Provider['check']) {
    const jobs: Job[] = [];
    const provider: Provider = {
      name: 'second',
      ...(check && { check }),
      dispatch(job) {
        jobs.push(job);
        return answer();
      },
    };
    return { jobs, provider };
  }

  async function worldWith(other: Provider, providers = ['sketch', 'second']): Promise<void> {
    world = await makeWorld(mode, {
      change: (core) => ({
        providers: new Map([...core.providers, [other.name, other]]),
        catalog: {
          ...core.catalog,
          actions: core.catalog.actions.map((action) =>
            action.metered ? { ...action, providers } : action,
          ),
        },
      }),
    });
  }

  async function ended() {
    const answer = await world.app.generate(world.account, press());
    if (answer.kind !== 'accepted') throw new Error(answer.kind);
    return eventually(async () => {
      const found = await world.app.generation(world.account, answer.generation.id);
      expect(found?.finishedAt).not.toBeNull();
      return found!;
    });
  }

  it('should ask the next provider when the first one failed, for one unit', async () => {
    const { jobs, provider } = second(() => Promise.resolve(delivered()));
    await worldWith(provider);
    world.provider.always(failed);
    expect(await ended()).toMatchObject({
      status: 'SUCCEEDED',
      charge: 'POSTED',
      provider: 'second',
    });
    expect([world.provider.jobs.length, jobs.length]).toEqual([1, 1]);
    expect(jobs[0]?.id).toBe(world.provider.jobs[0]?.id);
    expect(await world.app.quota(world.account)).toMatchObject({ used: 1, held: 0 });
  });

  it('should ask the next provider when the first one sent nothing that can be kept', async () => {
    const { provider } = second(() => Promise.resolve(delivered()));
    await worldWith(provider);
    const page = Buffer.from('<!doctype html><script>alert(1)</script>');
    world.provider.always({ kind: 'delivered', files: [{ content: page }] });
    expect(await ended()).toMatchObject({ status: 'SUCCEEDED', provider: 'second' });
  });

  it('should ask the next provider when the first one’s file broke off', async () => {
    const { provider } = second(() => Promise.resolve(delivered()));
    await worldWith(provider);
    async function* broken() {
      yield Buffer.from('half a');
      await Promise.resolve();
      throw new Error('the connection was cut');
    }
    world.provider.always({ kind: 'delivered', files: [{ content: broken() }] });
    expect(await ended()).toMatchObject({ status: 'SUCCEEDED', provider: 'second' });
  });

  it('should ask nobody else when the file could not be stored here', async () => {
    const { jobs, provider } = second(() => Promise.resolve(delivered()));
    await worldWith(provider);
    world.core.assets.put = () => Promise.reject(new Error('the disk is full'));
    world.provider.always(delivered());
    expect(await ended()).toMatchObject({ status: 'FAILED', charge: 'RESTORED' });
    expect(jobs).toEqual([]);
  });

  it('should not ask anybody else when moderation blocked it', async () => {
    const { jobs, provider } = second(() => Promise.resolve(delivered()));
    await worldWith(provider);
    world.provider.always(blocked);
    expect(await ended()).toMatchObject({ status: 'BLOCKED', charge: 'RESTORED' });
    expect(jobs).toEqual([]);
  });

  it('should fail as the last one failed, and give the unit back once', async () => {
    const { provider } = second(() => Promise.reject(new Error('a fault')));
    await worldWith(provider);
    world.provider.always(failed);
    const generation = await ended();
    expect(generation).toMatchObject({ status: 'FAILED', charge: 'RESTORED', provider: 'second' });
    expect(await world.app.quota(world.account)).toMatchObject({ used: 0, held: 0 });
    const entries = await world.app.entries(world.account, [generation.id]);
    expect(entries.map(({ kind }) => kind)).toEqual(['HOLD', 'RESTORE']);
  });

  it('should pass over those that cannot do it, and refuse what nobody can', async () => {
    const problem = (content: { prompt: string | null }) =>
      content.prompt === 'impossible' ? 'Not that.' : null;
    const { jobs, provider } = second(() => Promise.resolve(delivered()), problem);
    await worldWith(provider, ['second']);
    expect(await ended()).toMatchObject({ status: 'SUCCEEDED' });
    expect(jobs).toHaveLength(1);
    const impossible = press(randomUUID(), { prompt: 'impossible' });
    await expect(world.app.generate(world.account, impossible)).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      message: 'Not that.',
    });
    expect(await world.app.quota(world.account)).toMatchObject({ used: 1 });
  });

  it('should begin with the first one that can do it', async () => {
    const { provider } = second(
      () => Promise.resolve(delivered()),
      () => 'Not me.',
    );
    await worldWith(provider, ['second', 'sketch']);
    world.provider.always(delivered());
    expect(await ended()).toMatchObject({ status: 'SUCCEEDED', provider: 'sketch' });
  });

  it('should not go on to the next one after a cancellation', async () => {
    const { jobs, provider } = second(() => Promise.resolve(delivered()));
    await worldWith(provider);
    const answer = await world.app.generate(world.account, press());
    if (answer.kind !== 'accepted') throw new Error(answer.kind);
    const { id } = answer.generation;
    await eventually(() => {
      expect(world.provider.jobs).toHaveLength(1);
    });
    await world.app.cancel(world.account, id);
    world.provider.end(id, failed);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(jobs).toEqual([]);
    expect(await world.app.generation(world.account, id)).toMatchObject({ status: 'CANCELLED' });
  });

  it('should keep nothing of what a cancelled job still delivers', async () => {
    const { provider } = second(() => Promise.resolve(delivered()));
    await worldWith(provider, ['sketch']);
    const { assets } = world.core;
    const kept = { ...assets };
    const put: string[] = [];
    const received: Promise<unknown>[] = [];
    assets.put = (key, ...rest) => {
      put.push(key);
      return kept.put(key, ...rest);
    };
    assets.receive = (...all) => {
      const receiving = kept.receive(...all);
      received.push(receiving.catch(() => 'refused'));
      return receiving;
    };
    const answer = await world.app.generate(world.account, press());
    if (answer.kind !== 'accepted') throw new Error(answer.kind);
    const { id } = answer.generation;
    await eventually(() => {
      expect(world.provider.jobs).toHaveLength(1);
    });
    await world.app.cancel(world.account, id);
    world.provider.end(id, delivered());
    await eventually(() => {
      expect(received).toHaveLength(1);
    });
    expect(await received[0]).toBe('refused');
    expect(put).toEqual([]);
  });
});
