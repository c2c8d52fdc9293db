import { Redis, type RedisOptions } from 'ioredis';
import type { Log } from './log.js';

/** What the gate's and the live updates' connections have in common. */
export interface RedisConnection {
  redis: Redis;
  /** Resolves when the first attempt to connect has ended, well or not. */
  started: Promise<void>;
  /** After something went unanswered: makes the connection anew, unless that is under way. */
  giveUp: () => void;
}

export interface RedisConnectionOptions {
  url: string;
  log: Log;
  /** Longest wait for an answer, and for connecting. */
  commandTimeoutMs: number;
}

/** What the log says when Redis goes, and when it is back. */
interface Outage {
  lost: string;
  back: string;
}

// A lost connection is looked at again after 50, 100, … ms, at most once a second: a restarted Redis is back within that.
const RECONNECT_STEP_MS = 50;
const RECONNECT_MAX_MS = 1000;

/** A connection that fails at once while Redis is away, and comes back by itself. */
export function connectRedis(
  { url, log, commandTimeoutMs }: RedisConnectionOptions,
  outage: Outage,
  more: RedisOptions,
): RedisConnection {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    connectTimeout: commandTimeoutMs,
    commandTimeout: commandTimeoutMs,
    maxLoadingRetryTime: RECONNECT_MAX_MS,
    // How long a connection given up may take to close.
    disconnectTimeout: RECONNECT_STEP_MS,
    retryStrategy: (times) => Math.min(times * RECONNECT_STEP_MS, RECONNECT_MAX_MS),
    ...more,
  });
  const started = new Promise<void>((resolve) => {
    for (const event of ['ready', 'close', 'end']) redis.once(event, resolve);
  });
  logOutages(redis, log, outage);
  let givenUp = false;
  redis.on('close', () => {
    givenUp = false;
  });
  return {
    redis,
    started,
    giveUp() {
      if (givenUp || redis.status !== 'ready') return;
      givenUp = true;
      redis.disconnect(true);
    },
  };
}

/** One line when Redis goes and one when it is back, however often it is tried meanwhile. */
function logOutages(redis: Redis, log: Log, { lost, back }: Outage): void {
  let away = false;
  let err: Error | undefined;
  // Without a listener an error would end the process.
  redis.on('error', (error: Error) => {
    err = error;
  });
  redis.on('reconnecting', () => {
    if (!away) log.warn({ err }, lost);
    away = true;
  });
  redis.on('ready', () => {
    if (away) log.info({}, back);
    away = false;
    err = undefined;
  });
}

/**
 * Base64url between braces: the hash tag that keeps all keys of an account in one slot of a cluster, whatever characters
 * the account has.
 */
export function tagOf(account: string): string {
  return `{${Buffer.from(account).toString('base64url')}}`;
}

/** The channel that the gate's scripts publish an account's quota to, and that live updates listen to. */
export function channelOf(prefix: string, account: string): string {
  return `${prefix}:${tagOf(account)}:live`;
}
