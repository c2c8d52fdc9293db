import { Redis } from 'ioredis';
import type { GenerateAnswer } from '../../src/app.js';
import { startRedis } from '../engines/index.js';
import { eventually } from '../world/eventually.js';
import { failed } from '../world/puppet.js';
import { makeWorld, press, type World } from '../world/world.js';

// Service mode only: the embedded gate lives and dies with its process.
describe('when Redis is lost', () => {
  let redis: Awaited<ReturnType<typeof startRedis>>;
  let world: World;
  beforeEach(async () => {
    redis = await startRedis();
    world = await makeWorld('service', { redis: redis.url, healAfterMs: 500 });
    world.app.start();
  });
  afterEach(async () => {
    await world.dispose();
    await redis.stop();
  });

  /** Presses that keep coming until `stop`; faults that may be retried are counted, others fail the test. */
  function underLoad(): { stop(): Promise<{ accepted: number; unavailable: number }> } {
    const answers: Promise<GenerateAnswer | 'unavailable'>[] = [];
    const timer = setInterval(() => {
      for (let i = 0; i < 4; i++) {
        answers.push(
          world.app.generate(world.account, press()).catch((error: unknown) => {
            expect(error).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
            return 'unavailable' as const;
          }),
        );
      }
    }, 5);
    return {
      async stop() {
        clearInterval(timer);
        const all = await Promise.all(answers);
        return {
          accepted: all.filter((answer) => answer !== 'unavailable' && answer.kind === 'accepted')
            .length,
          unavailable: all.filter((answer) => answer === 'unavailable').length,
        };
      },
    };
  }

  async function expectGateEqualsLedger(used: number): Promise<void> {
    await eventually(async () => {
      const view = await world.core.gate.inspect(world.account);
      expect(view?.quota).toMatchObject({ used, held: used });
    });
    const { generations } = await world.app.generations(world.account, 200, null, {});
    expect(generations.filter(({ charge }) => charge === 'HELD')).toHaveLength(used);
  }

  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

  it('should never give more than 10 while Redis is flushed under load, and agree afterwards', async () => {
    const load = underLoad();
    const admin = new Redis(redis.url);
    for (let i = 0; i < 15; i++) {
      await pause(40);
      await admin.flushall();
    }
    const { accepted } = await load.stop();
    await admin.quit();
    expect(accepted).toBe(10);
    expect(await world.app.quota(world.account)).toMatchObject({ used: 10 });
    await expectGateEqualsLedger(10);
  });

  it('should go on exactly through the ledger while Redis is away, and agree after it is back', async () => {
    for (let i = 0; i < 3; i++) await world.app.generate(world.account, press());
    await redis.stop();
    const other = await world.another();
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, i) =>
        (i % 2 ? other : world.app).generate(world.account, press()),
      ),
    );
    expect(answers.filter(({ kind }) => kind === 'accepted')).toHaveLength(7);
    expect(answers.filter(({ kind }) => kind === 'exhausted')).toHaveLength(23);
    await redis.start();
    await eventually(async () => {
      expect(await world.app.quota(world.account)).toMatchObject({ used: 10 });
    });
    await expectGateEqualsLedger(10);
  });

  it('should never give more than 10 while Redis is stopped and started under load', async () => {
    await world.app.changePlan(world.account, 'plus');
    const load = underLoad();
    for (let i = 0; i < 3; i++) {
      await redis.stop();
      await pause(50);
      await redis.start();
      await pause(100);
    }
    const { accepted } = await load.stop();
    expect(accepted).toBe(100);
    await expectGateEqualsLedger(100);
  });

  it('should answer a replay at zero that was admitted while Redis was away', async () => {
    const { app, account } = world;
    for (let i = 0; i < 9; i++) await app.generate(account, press());
    await world.core.gate.inspect(account);
    await redis.stop();
    const request = press();
    expect((await app.generate(account, request)).kind).toBe('accepted');
    await redis.start();
    await expectGateEqualsLedger(10);
    expect(await app.generate(account, request)).toMatchObject({ replayed: true });
    expect((await app.generate(account, press())).kind).toBe('exhausted');
  });

  it('should restore through the ledger while Redis is away, and tell the gate when it is back', async () => {
    const answer = await world.app.generate(world.account, press());
    const id = 'generation' in answer ? answer.generation.id : '';
    const quotas = await world.app.watchQuota(world.account);
    expect((await quotas.next()).value).toMatchObject({ used: 1 });
    await redis.stop();
    world.provider.end(id, failed);
    await eventually(async () => {
      expect(await world.app.generation(world.account, id)).toMatchObject({ charge: 'RESTORED' });
      expect(await world.app.quota(world.account)).toMatchObject({ used: 0 });
    });
    await redis.start();
    // The screen hears of it by itself.
    expect((await quotas.next()).value).toMatchObject({ used: 0, held: 0 });
    await quotas.return?.();
    await eventually(async () => {
      expect((await world.core.gate.inspect(world.account))?.quota.used).toBe(0);
    });
  });

  it('should answer a replay with its generation while Redis is away', async () => {
    const request = press();
    const first = await world.app.generate(world.account, request);
    await redis.stop();
    const replay = await world.app.generate(world.account, request);
    expect(replay).toMatchObject({ kind: 'accepted', replayed: true });
    expect('generation' in replay && replay.generation.id).toBe(
      'generation' in first && first.generation.id,
    );
    await expect(
      world.app.generate(world.account, { ...request, prompt: 'x' }),
    ).rejects.toMatchObject({ code: 'IDEMPOTENCY_MISMATCH' });
    await redis.start();
  });
});
