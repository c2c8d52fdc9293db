import { Redis } from 'ioredis';
import { GateUnavailable } from '../gate.js';
import type { Log } from '../log.js';
import { SCRIPTS, type ScriptCommands } from './scripts.js';

export type GateRedis = Redis & ScriptCommands;

export interface GateConnection {
  /** Runs commands and answers within the timeout; whatever goes wrong is `GateUnavailable`. */
  ask<T>(commands: (redis: GateRedis) => Promise<T>): Promise<T>;
  dispose(): Promise<void>;
}

export interface GateConnectionOptions {
  url: string;
  log: Log;
  /** Longest wait for an answer, connecting included. */
  commandTimeoutMs: number;
}

// A dead connection is looked at again after 50, 100, … ms, at most once a second: a restarted Redis is back within that.
const RECONNECT_STEP_MS = 50;
const RECONNECT_MAX_MS = 1000;

/** The gate's one connection to Redis: fails at once while Redis is away, and comes back by itself. */
export function connectGate(options: GateConnectionOptions): GateConnection {
  const { commandTimeoutMs, log } = options;
  const redis = open(options);
  // The first connection takes a few milliseconds; calls made meanwhile wait for how it ends.
  const started = new Promise<void>((resolve) => {
    for (const event of ['ready', 'close', 'end']) redis.once(event, resolve);
  });
  logOutages(redis, log);
  let givenUp = false;
  redis.on('close', () => {
    givenUp = false;
  });

  // Redis may hang without closing. Away with the connection, once, so that nobody else has to wait for it.
  function giveUp(): void {
    if (givenUp || redis.status !== 'ready') return;
    givenUp = true;
    redis.disconnect(true);
  }

  return {
    async ask(commands) {
      try {
        return await within(commandTimeoutMs, () => started.then(() => commands(redis)));
      } catch (error) {
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

function open({ url, commandTimeoutMs }: GateConnectionOptions): GateRedis {
  return new Redis(url, {
    scripts: SCRIPTS,
    enableAutoPipelining: true,
    // Commands whose reply was lost are sent once more after a quick reconnect: the scripts are idempotent.
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    connectTimeout: commandTimeoutMs,
    // Bounds the handshake too; `ask` bounds the time a command waits for the pipeline before it.
    commandTimeout: commandTimeoutMs,
    maxLoadingRetryTime: RECONNECT_MAX_MS,
    // How long a connection given up may take to close.
    disconnectTimeout: RECONNECT_STEP_MS,
    retryStrategy: (times) => Math.min(times * RECONNECT_STEP_MS, RECONNECT_MAX_MS),
    // After a failover the old master is read-only: connecting anew finds the new one.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  }) as GateRedis;
}

/** One line when Redis goes and one when it is back, however often it is tried meanwhile. */
function logOutages(redis: Redis, log: Log): void {
  let away = false;
  let err: Error | undefined;
  // Without a listener an error would end the process.
  redis.on('error', (error: Error) => {
    err = error;
  });
  redis.on('reconnecting', () => {
    if (!away) log.warn({ err }, 'the gate lost Redis; admission goes on without');
    away = true;
  });
  redis.on('ready', () => {
    if (away) log.info({}, 'the gate has Redis back');
    away = false;
    err = undefined;
  });
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
