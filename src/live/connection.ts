import { connectRedis, type RedisConnection, type RedisConnectionOptions } from '../redis.js';

/** A connection of live updates; it remembers nothing of before it was lost. */
export function connectLive(options: RedisConnectionOptions): RedisConnection {
  const outage = {
    lost: 'live updates lost Redis; readers get a snapshot later',
    back: 'live updates have Redis back',
  };
  return connectRedis(options, outage, {
    // Our own subscribing follows every 'ready': ioredis's neither says when it is done nor catches its own failure.
    autoResubscribe: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
  });
}
