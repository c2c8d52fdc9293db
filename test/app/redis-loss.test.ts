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
    const { generations } = await world.app.generations(world.account, 100, null);
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

  it('should go on exactly through the ledger while Redis is stopped, and agree after it is back', async () => {
    for (let i = 0; i < 3; i++) await world.app.generate(world.account, press());
    const load = underLoad();
    await pause(5);
    await redis.stop();
    await pause(300);
    await redis.start();
    await pause(300);
    const { accepted, unavailable } = await load.stop();
    expect(accepted).toBe(7);
    expect(unavailable).toBe(0);
    await eventually(async () => {
      expect(await world.app.quota(world.account)).toMatchObject({ used: 10 });
    });
    await expectGateEqualsLedger(10);
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
