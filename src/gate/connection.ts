import type { Redis } from 'ioredis';
import { GateUnavailable } from '../gate.js';
import { connectRedis, type RedisConnection, type RedisConnectionOptions } from '../redis.js';
import { SCRIPTS, type ScriptCommands } from './scripts.js';

export type GateRedis = Redis & ScriptCommands;

export interface GateConnection {
  /** Runs commands and answers within the timeout; whatever goes wrong is `GateUnavailable`. */
  ask<T>(commands: (redis: GateRedis) => Promise<T>): Promise<T>;
  dispose(): Promise<void>;
}

/** The gate's one connection to Redis. */
export function connectGate(options: RedisConnectionOptions): GateConnection {
  const { redis, started, giveUp } = open(options);
  return {
    async ask(commands) {
      try {
        // The first connection takes a few milliseconds; calls made meanwhile wait for how it ends.
        return await within(options.commandTimeoutMs, () => started.then(() => commands(redis)));
      } catch (error) {
        // Redis may hang without closing. Away with the connection, once, so that nobody else has to wait for it.
        if (error instanceof NoAnswer) giveUp();
        const reason = error instanceof Error ? error.message : String(error);
        throw new GateUnavailable(`Redis cannot be asked now: ${reason}`, { cause: error });
      }
    },
    async dispose() {
      await redis.quit().catch(() => {
        redis.disconnect();
      });
    },
  };
}

function open(options: RedisConnectionOptions): RedisConnection & { redis: GateRedis } {
  const outage = {
    lost: 'the gate lost Redis; admission goes on without',
    back: 'the gate has Redis back',
  };
  // The timeout bounds the handshake too; `ask` bounds the time a command waits for the pipeline before it.
  const connection = connectRedis(options, outage, {
    scripts: SCRIPTS,
    enableAutoPipelining: true,
    // Commands whose reply was lost are sent once more after a quick reconnect: the scripts are idempotent.
    maxRetriesPerRequest: 1,
    // After a failover the old master is read-only: connecting anew finds the new one.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  });
  return { ...connection, redis: connection.redis as GateRedis };
}

class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

function within<T>(timeoutMs: number, work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new NoAnswer(`no answer within ${timeoutMs} ms`));
    }, timeoutMs);
    work()
      .finally(() => {
        clearTimeout(timer);
      })
      .then(resolve, reject);
  });
}
