import { Redis } from 'ioredis';
import type { Log } from '../log.js';

export interface LiveConnection {
  redis: Redis;
  /** After something went unanswered: makes the connection anew, unless that is under way. */
  giveUp: () => void;
}

export interface LiveConnectionOptions {
  url: string;
  log: Log;
  /** Longest wait for an answer, and for connecting. */
  commandTimeoutMs: number;
}

// A lost connection is looked at again after 50, 100, … ms, at most once a second.
const RECONNECT_STEP_MS = 50;
const RECONNECT_MAX_MS = 1000;

/** A connection that fails at once while Redis is away, comes back by itself, and remembers nothing of before. */
export function connectLive({ url, log, commandTimeoutMs }: LiveConnectionOptions): LiveConnection {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    // Our own subscribing follows every 'ready': ioredis's neither says when it is done nor catches its own failure.
    autoResubscribe: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: commandTimeoutMs,
    commandTimeout: commandTimeoutMs,
    maxLoadingRetryTime: RECONNECT_MAX_MS,
    // How long a connection given up may take to close.
    disconnectTimeout: RECONNECT_STEP_MS,
    retryStrategy: (times) => Math.min(times * RECONNECT_STEP_MS, RECONNECT_MAX_MS),
  });
  logOutages(redis, log);
  let givenUp = false;
  redis.on('close', () => {
    givenUp = false;
  });
  return {
    redis,
    giveUp() {
      if (givenUp || redis.status !== 'ready') return;
      givenUp = true;
      redis.disconnect(true);
    },
  };
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
    if (!away) log.warn({ err }, 'live updates lost Redis; readers get a snapshot later');
    away = true;
  });
  redis.on('ready', () => {
    if (away) log.info({}, 'live updates have Redis back');
    away = false;
    err = undefined;
  });
}
