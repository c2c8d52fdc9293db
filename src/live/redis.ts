import { Redis } from 'ioredis';
import type { Live, LiveEvent } from '../live.js';
import type { Log } from '../log.js';
import { decodeEvent } from './event.js';
import { makeListeners } from './listeners.js';
import { subscribeChannels } from './channels.js';

export interface RedisLiveOptions {
  /** `redis://` or `rediss://`; Redis 7 or later. */
  url: string;
  /** The gate's prefix: channels are named by it. */
  prefix?: string;
  log: Log;
  /** Longest wait of `subscribe` for the server's word; after that events may be missed, and a `resync` follows. */
  subscribeWithinMs?: number;
  /** Longest wait for the server to answer anything else. */
  commandTimeoutMs?: number;
  /** How often a silent connection is asked whether it still lives. */
  heartbeatMs?: number;
}

// A lost connection is looked at again after 50, 100, … ms, at most once a second.
const RECONNECT_STEP_MS = 50;
const RECONNECT_MAX_MS = 1000;

/**
 * Live updates through Redis, for every process with the same prefix: one connection listens for all accounts of this
 * process, another publishes (Redis takes no other commands from a connection that listens).
 */
export function makeRedisLive(options: RedisLiveOptions): Live {
  const { prefix = 'genquota', log, subscribeWithinMs = 500, heartbeatMs = 10_000 } = options;
  const listeners = makeListeners(log);
  const publisher = connect(options);
  const channelOf = (account: string) =>
    // The name that the gate's scripts publish to; see `tagOf` in `src/gate/redis.ts`.
    `${prefix}:{${Buffer.from(account).toString('base64url')}}:live`;
}
