import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import type { LiveEvent } from '../src/live.js';
import { makeRedisGate } from '../src/gate/redis.js';
import { makeRedisLive, type RedisLiveOptions } from '../src/live/redis.js';
import { HEAL_AFTER_MS, newAccount, stateOf } from './contract/gate.states.js';
import { itBehavesLikeLive } from './contract/live.contract.js';
import { ownedByTests } from './contract/owned.js';
import { redisUrl, startRedis } from './engines/index.js';
import { startProxy } from './engines/proxy.js';
import { eventually } from './world/eventually.js';
import { recordingLog } from './world/log.js';

const own = ownedByTests();

function liveAt(url: string, options: Partial<RedisLiveOptions> = {}) {
  return own(makeRedisLive({ url, log: recordingLog(), ...options }));
}

/** A private Redis, live updates that reach it through a proxy, and others that reach it directly. */
async function behindProxy(options: Partial<RedisLiveOptions> = {}) {
  const redis = await startRedis();
  own({ dispose: () => redis.stop() });
  const proxy = own(await startProxy(redis.port));
  const live = liveAt(`redis://127.0.0.1:${proxy.port}`, options);
  return { redis, proxy, live, other: liveAt(redis.url) };
}

async function listen(live: ReturnType<typeof liveAt>, account: string) {
  const heard: LiveEvent[] = [];
  const stop = await live.subscribe(account, (event) => heard.push(event));
  return { heard, stop };
}

const resync: LiveEvent = { kind: 'resync' };
const news = (id: string): LiveEvent => ({ kind: 'generation', id });

describe('live updates through Redis', () => {
  const prefix = `test-${randomUUID()}`;

  itBehavesLikeLive(() => liveAt(redisUrl(), { prefix }));

  it('should reach every process of the same prefix and none of another', async () => {
    const account = newAccount();
    const [here, there, stranger] = [prefix, prefix, `${prefix}-other`].map((each) =>
      liveAt(redisUrl(), { prefix: each }),
    );
    const [mine, theirs, nobodys] = await Promise.all(
      [here!, there!, stranger!].map((live) => listen(live, account)),
    );
    await here!.publishGeneration(account, 'g');
    await eventually(() => {
      expect([mine!.heard, theirs!.heard]).toEqual([[news('g')], [news('g')]]);
    });
    expect(nobodys!.heard).toEqual([]);
  });

  it('should bring what the gate publishes', async () => {
    const account = newAccount();
    const log = recordingLog();
    const url = redisUrl();
    const gate = own(makeRedisGate({ url, prefix, healAfterMs: HEAL_AFTER_MS, log }));
    const { heard } = await listen(liveAt(url, { prefix }), account);
    const state = stateOf(account, { pending: { plan: 'core', at: 5 }, limit: null });
    await gate.put(state);
    await eventually(() => {
      expect(heard).toEqual([{ kind: 'quota', quota: state.quota }]);
    });
  });

  it('should ignore what is none of ours, and say so', async () => {
    const account = newAccount();
    const log = recordingLog();
    const { heard } = await listen(liveAt(redisUrl(), { prefix, log }), account);
    const channel = `${prefix}:{${Buffer.from(account).toString('base64url')}}:live`;
    const redis = new Redis(redisUrl());
    for (const message of [
      '',
      'null',
      '{',
      '[]',
      '{"kind":"quota"}',
      '{"kind":"quota","quota":null}',
    ])
      await redis.spublish(channel, message);
    await redis.spublish(channel, JSON.stringify(news('ours')));
    await redis.quit();
    await eventually(() => {
      expect(heard).toEqual([news('ours')]);
    });
    expect(log.lines.map(({ level }) => level)).toEqual(Array(6).fill('warn'));
  });

  it('should subscribe once per account and leave nothing behind', async () => {
    const { redis, live } = await behindProxy();
    const admin = new Redis(redis.url);
    const channels = async () => ((await admin.pubsub('SHARDCHANNELS')) as string[]).length;
    const accounts = Array.from({ length: 20 }, newAccount);
    const listening = await Promise.all(
      accounts.flatMap((account) => [1, 2, 3].map(() => listen(live, account))),
    );
    expect(await channels()).toBe(20);
    for (const { stop } of listening) stop();
    await eventually(async () => {
      expect(await channels()).toBe(0);
    });
    await admin.quit();
  });
});

describe('live updates through Redis, when something goes wrong', () => {
  it('should hear again after a lost connection, and say that something may be missing', async () => {
    const { redis, live, other } = await behindProxy();
    const [one, two] = [newAccount(), newAccount()];
    const all = [await listen(live, one), await listen(live, one), await listen(live, two)];
    const admin = new Redis(redis.url);
    await admin.client('KILL', 'TYPE', 'pubsub');
    await admin.quit();
    await eventually(() => {
      expect(all.map(({ heard }) => heard)).toEqual([[resync], [resync], [resync]]);
    });
    await other.publishGeneration(one, 'after');
    await eventually(() => {
      expect(all.map(({ heard }) => heard.length)).toEqual([2, 2, 1]);
    });
    for (const { stop } of all) stop();
  });

  it('should let people in while Redis is away, and bring them up to date when it is back', async () => {
    const { redis, live, other } = await behindProxy({ subscribeWithinMs: 100 });
    const before = await listen(live, newAccount());
    await redis.kill();
    const account = newAccount();
    const during = await listen(live, account); // Resolves while Redis is still away.
    await live.publishGeneration(account, 'lost'); // Not an error.

    await redis.start();
    await eventually(() => {
      expect([before.heard, during.heard]).toEqual([[resync], [resync]]);
    });
    await eventually(async () => {
      await other.publishGeneration(account, 'found');
      expect(during.heard).toContainEqual(news('found'));
    });
  });

  it('should begin without Redis', async () => {
    const redis = await startRedis();
    own({ dispose: () => redis.stop() });
    await redis.stop();
    const live = liveAt(redis.url, { subscribeWithinMs: 50 });
    const { heard } = await listen(live, 'a');
    await redis.start();
    await eventually(() => {
      expect(heard).toEqual([resync]);
    });
  });

  it('should notice a connection that has gone silent', async () => {
    const { proxy, live, other } = await behindProxy({ heartbeatMs: 50, commandTimeoutMs: 200 });
    const account = newAccount();
    const { heard } = await listen(live, account);
    proxy.stall();
    await other.publishGeneration(account, 'stuck');
    await eventually(() => {
      // Given up and tried anew, more than once: each try is stalled too.
      expect(proxy.accepted()).toBeGreaterThan(3);
    });
    proxy.pass();
    await eventually(() => {
      expect(heard).toContainEqual(resync);
    });
    await eventually(async () => {
      await other.publishGeneration(account, 'again');
      expect(heard).toContainEqual(news('again'));
    });
  });

  it('should not resync those who missed nothing', async () => {
    const { live } = await behindProxy();
    const [first, second] = [await listen(live, 'a'), await listen(live, 'a')];
    await live.publishGeneration('a', 'g');
    await eventually(() => {
      expect([first.heard, second.heard]).toEqual([[news('g')], [news('g')]]);
    });
  });

  it('should be disposed of at once while Redis is away, and twice', async () => {
    const live = makeRedisLive({
      url: 'redis://127.0.0.1:1',
      log: recordingLog(),
      subscribeWithinMs: 20,
    });
    await live.subscribe('a', () => undefined);
    await live.dispose();
    await live.dispose();
    await live.publishGeneration('a', 'too late');
  });
});
