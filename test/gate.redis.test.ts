import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { GateUnavailable, type Gate } from '../src/gate.js';
import { makeRedisGate, type RedisGateOptions } from '../src/gate/redis.js';
import { makeRedisLive } from '../src/live/redis.js';
import { itBehavesLikeAGate } from './contract/gate.contract.js';
import {
  DAY_MS,
  HEAL_AFTER_MS,
  holdOf,
  newAccount,
  stateOf,
  takingOf,
} from './contract/gate.states.js';
import { ownedByTests } from './contract/owned.js';
import { redisUrl, startRedis } from './engines/index.js';
import { startProxy } from './engines/proxy.js';
import { eventually } from './world/eventually.js';
import { recordingLog } from './world/log.js';
import { soonerThan } from './world/sooner.js';

const own = ownedByTests();

function gateAt(url: string, options: Partial<RedisGateOptions> = {}): Gate {
  return own(makeRedisGate({ url, healAfterMs: HEAL_AFTER_MS, log: recordingLog(), ...options }));
}

/** A private Redis behind a proxy, and a gate that talks through it. */
async function behindProxy(options: Partial<RedisGateOptions> = {}) {
  const redis = await startRedis();
  own({ dispose: () => redis.stop() });
  const proxy = own(await startProxy(redis.port));
  const gate = gateAt(`redis://127.0.0.1:${proxy.port}`, options);
  return { redis, proxy, gate };
}

describe('the gate in Redis', () => {
  const prefix = `test-${randomUUID()}`;

  itBehavesLikeAGate(() => {
    const live = own(makeRedisLive({ url: redisUrl(), prefix, log: recordingLog() }));
    return { gate: gateAt(redisUrl(), { prefix }), live };
  });

  it('should refuse a prefix that SCAN would read as a pattern', () => {
    expect(() =>
      makeRedisGate({ url: redisUrl(), prefix: 'a*', healAfterMs: 1, log: recordingLog() }),
    ).toThrow('prefix');
  });

  it('should keep everything of an account in one slot, and nothing for ever', async () => {
    const prefix = `test-${randomUUID()}`;
    const account = newAccount();
    const gate = gateAt(redisUrl(), { prefix });
    await gate.put(stateOf(account));
    await gate.take(takingOf(account));
    const redis = new Redis(redisUrl());
    const keys = await redis.keys(`${prefix}:*`);
    const tags = new Set(keys.map((key) => key.split(':')[1]));
    const lives = await Promise.all(keys.sort().map((key) => redis.pttl(key)));
    await redis.quit();
    expect(tags).toEqual(new Set([`{${Buffer.from(account).toString('base64url')}}`]));
    // The hash outlives its period (31 days) by a week; a request is remembered for a day.
    expect(lives.map((life) => Math.ceil(life / DAY_MS))).toEqual([38, 1]);
  });

  it('should not see the accounts of another prefix', async () => {
    const account = newAccount();
    await gateAt(redisUrl(), { prefix: `test-${randomUUID()}` }).put(stateOf(account));
    expect(
      await gateAt(redisUrl(), { prefix: `test-${randomUUID()}` }).inspect(account),
    ).toBeNull();
  });
});

describe('the gate in Redis, when something goes wrong', () => {
  it('should take once when the reply of a take is lost', async () => {
    const { proxy, gate } = await behindProxy();
    const account = newAccount();
    await gate.put(stateOf(account));
    for (let round = 1; round <= 5; round++) {
      const taking = takingOf(account);
      const cut = proxy.cutReplyTo(taking.generationId);
      // The library sends it once more; should it give up, so does the caller.
      const answer = await gate.take(taking).catch(() => gate.take(taking));
      await cut;
      expect(answer).toMatchObject({ kind: 'taken', quota: { used: round, held: round } });
    }
  });

  it('should settle once when the reply of a settlement is lost', async () => {
    const { proxy, gate } = await behindProxy();
    const account = newAccount();
    await gate.put(stateOf(account));
    const takings = [takingOf(account), takingOf(account)];
    for (const taking of takings) await gate.take(taking);
    const cut = proxy.cutReplyTo(takings[0]!.generationId);
    const answer = await gate.settle(holdOf(takings[0]!), 'restored');
    await cut;
    expect(answer).toBe('missing'); // What the caller then heals; the unit came back once.
    expect(await gate.inspect(account)).toMatchObject({ quota: { used: 1, held: 1 } });
  });

  it('should know nothing after FLUSHALL, and take a new state of any revision', async () => {
    const { redis, gate } = await behindProxy();
    const account = newAccount();
    await gate.put(stateOf(account));
    const taking = takingOf(account);
    await gate.take(taking);
    const admin = new Redis(redis.url);
    await admin.flushall();
    await admin.quit();
    expect(await gate.take(takingOf(account))).toEqual({ kind: 'unknown' });
    expect(await gate.settle(holdOf(taking), 'posted')).toBe('elsewhere');
    expect(await gate.put(stateOf(account, { used: 1 }), 99)).toBe(true);
    expect(await gate.take(taking)).toMatchObject({ kind: 'taken', quota: { used: 2 } });
  });

  it('should go on after SCRIPT FLUSH, also under load', async () => {
    const { redis, gate } = await behindProxy();
    const account = newAccount();
    await gate.put(stateOf(account, { limit: 1000 }));
    await gate.take(takingOf(account));
    const admin = new Redis(redis.url);
    for (let round = 0; round < 3; round++) {
      const takes = Array.from({ length: 50 }, () => gate.take(takingOf(account)));
      await Promise.all([admin.script('FLUSH'), ...takes]);
    }
    await admin.quit();
    expect(await gate.read(account, stateOf(account).at)).toMatchObject({ quota: { used: 151 } });
  });

  it('should answer at once while Redis is away, and be back by itself', async () => {
    // Longer than this test may take: waiting for an answer, even once, would fail it.
    const { redis, gate } = await behindProxy({ commandTimeoutMs: 60_000 });
    const account = newAccount();
    await gate.put(stateOf(account));
    await redis.kill();
    await expect(gate.take(takingOf(account))).rejects.toThrow(GateUnavailable);
    const refusals = Array.from({ length: 100 }, () => gate.take(takingOf(account)));
    const results = await Promise.allSettled(refusals);
    expect(results.every(({ status }) => status === 'rejected')).toBe(true);

    await redis.start();
    await eventually(async () => {
      expect(await gate.take(takingOf(account))).toEqual({ kind: 'unknown' });
    });
  });

  it('should say unavailable when there never was a Redis, and not crash', async () => {
    const { redis, proxy, gate } = await behindProxy();
    proxy.refuse();
    await redis.stop();
    const error: unknown = await gate.inspect('a').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(GateUnavailable);
    expect((error as GateUnavailable).cause).toBeInstanceOf(Error);
    await expect(gate.sweep(null, 0)).rejects.toThrow(GateUnavailable);
    await expect(gate.put(stateOf('a'))).rejects.toThrow(GateUnavailable);
  });

  it('should wait for a Redis that hangs no longer than the timeout, and only once', async () => {
    const { proxy, gate } = await behindProxy({ commandTimeoutMs: 2_000 });
    const account = newAccount();
    await gate.put(stateOf(account));
    proxy.stall();
    const first = Array.from({ length: 20 }, () => gate.take(takingOf(account)));
    const results = await soonerThan(3_900, Promise.allSettled(first));
    expect(results.every(({ status }) => status === 'rejected')).toBe(true);
    // The connection was given up: what comes now fails without waiting.
    await expect(soonerThan(1_900, gate.read(account, 0))).rejects.toThrow(GateUnavailable);

    proxy.pass();
    await eventually(async () => {
      expect(await gate.inspect(account)).not.toBeNull();
    });
  });

  it('should treat a Redis out of memory as unavailable, and one that is read-only', async () => {
    const { redis, gate } = await behindProxy();
    const account = newAccount();
    await gate.put(stateOf(account));
    const admin = new Redis(redis.url);
    await admin.config('SET', 'maxmemory', '1');
    await expect(gate.take(takingOf(account))).rejects.toThrow(/Redis.*OOM/);
    await admin.config('SET', 'maxmemory', '0');
    await admin.replicaof('127.0.0.1', '1');
    await eventually(async () => {
      await expect(gate.take(takingOf(account))).rejects.toThrow(/Redis.*READONLY/);
    });
    await admin.replicaof('NO', 'ONE');
    await admin.quit();
    await eventually(async () => {
      expect(await gate.take(takingOf(account))).toMatchObject({ kind: 'taken' });
    });
  });

  it('should connect anew when Redis is read-only, to find the new master after a failover', async () => {
    const { redis, proxy, gate } = await behindProxy();
    await gate.put(stateOf('a'));
    const before = proxy.accepted();
    const admin = new Redis(redis.url);
    await admin.replicaof('127.0.0.1', '1');
    await admin.quit();
    await expect(gate.take(takingOf('a'))).rejects.toThrow(GateUnavailable);
    await eventually(() => {
      expect(proxy.accepted()).toBeGreaterThan(before);
    });
  });

  it('should log an outage once, however often Redis is tried', async () => {
    const log = recordingLog();
    const levels = () => log.lines.map(({ level }) => level);
    const { proxy, gate } = await behindProxy({ log });
    await gate.inspect('a');
    const before = proxy.accepted();
    proxy.refuse();
    await eventually(() => {
      expect(proxy.accepted()).toBeGreaterThan(before + 4);
    });
    await Promise.allSettled(Array.from({ length: 50 }, () => gate.inspect('a')));
    expect(levels()).toEqual(['warn']);
    proxy.pass();
    await eventually(() => {
      expect(levels()).toEqual(['warn', 'info']);
    });
  });

  it('should be disposed of at once while Redis is away, and twice', async () => {
    const gate = makeRedisGate({ url: 'redis://127.0.0.1:1', healAfterMs: 1, log: recordingLog() });
    await expect(gate.inspect('a')).rejects.toThrow(GateUnavailable);
    await gate.dispose();
    await gate.dispose();
    await expect(gate.inspect('a')).rejects.toThrow(GateUnavailable);
  });
});
