import type { Live } from '../live.js';
import type { Log } from '../log.js';
import { channelOf } from '../redis.js';
import { makeChannels } from './channels.js';
import { connectLive } from './connection.js';
import { decodeEvent } from './event.js';
import { makeListeners } from './listeners.js';

export interface RedisLiveOptions {
  /** `redis://` or `rediss://`; Redis 7 or later. */
  url: string;
  /** The gate's prefix: it is part of the channels' names. */
  prefix?: string;
  log: Log;
  /** Longest wait of `subscribe` for the server's word; after that a `resync` follows once it is there. */
  subscribeWithinMs?: number;
  /** Longest wait for any other answer. */
  commandTimeoutMs?: number;
  /** How often a connection that only listens is asked whether it still lives. */
  heartbeatMs?: number;
}

/**
 * Live updates through Redis, for every process with the same prefix. One connection listens for all accounts of this
 * process; another publishes, because Redis takes no other commands from a connection that listens.
 */
export function makeRedisLive(options: RedisLiveOptions): Live {
  const { url, prefix = 'genquota', log, commandTimeoutMs = 2000 } = options;
  const { subscribeWithinMs = 500, heartbeatMs = 10_000 } = options;
  const listeners = makeListeners(log);
  const listening = connectLive({ url, log, commandTimeoutMs });
  const publishing = connectLive({ url, log, commandTimeoutMs });
  const publisher = publishing.redis;
  const channels = makeChannels({
    connection: listening,
    openWithinMs: subscribeWithinMs,
    heartbeatMs,
    onGap: (channel) => {
      listeners.deliver(channel, { kind: 'resync' });
    },
    log,
  });
  listening.redis.on('smessage', (channel: string, message: string) => {
    const event = decodeEvent(message);
    if (event) listeners.deliver(channel, event);
    else log.warn({ channel }, 'a live message is none of ours; does something share the prefix?');
  });

  return {
    async subscribe(account, listener) {
      const channel = channelOf(prefix, account);
      const remove = listeners.add(channel, listener);
      await channels.open(channel);
      let subscribed = true;
      return () => {
        remove();
        if (subscribed && !listeners.has(channel)) channels.close(channel);
        subscribed = false;
      };
    },
    async publishGeneration(account, id) {
      try {
        await publishing.started;
        const message = JSON.stringify({ kind: 'generation', id });
        await publisher.spublish(channelOf(prefix, account), message);
      } catch (error) {
        // One for every change while Redis is away, whose going was logged already.
        log.debug({ err: error, generation: id }, 'live news of a generation was not published');
        // Redis may hang without closing: the next one shall not wait for it as long.
        publishing.giveUp();
      }
    },
    async dispose() {
      channels.dispose();
      listening.redis.disconnect();
      await publisher.quit().catch(() => {
        publisher.disconnect();
      });
    },
  };
}
