import type { Log } from '../log.js';
import type { RedisConnection } from '../redis.js';

/** The channels this process listens to, kept across lost connections. */
export interface Channels {
  /** Resolves when the server sends what is published from now on, or after the bound: then `onGap` follows some day. */
  open(name: string): Promise<void>;
  close(name: string): void;
  dispose(): void;
}

export interface ChannelsOptions {
  /** Carries nothing but subscriptions. */
  connection: RedisConnection;
  openWithinMs: number;
  heartbeatMs: number;
  /** A channel is heard again after something on it may have been missed. */
  onGap: (name: string) => void;
  log: Log;
}

interface Channel {
  /** The server has acknowledged it on the present connection. */
  heard: boolean;
  missed: boolean;
  waiting: Set<() => void>;
}

export function makeChannels(options: ChannelsOptions): Channels {
  const { connection, openWithinMs, onGap, log } = options;
  const subscriber = connection.redis;
  const channels = new Map<string, Channel>();

  function ask(name: string, channel: Channel): void {
    // Sharded, as the gate publishes. One name per command: in a cluster they live in different slots.
    subscriber.ssubscribe(name).then(
      () => {
        if (channels.get(name) !== channel) return; // Closed meanwhile; a new one asks for itself.
        channel.heard = true;
        for (const resolve of channel.waiting) resolve();
        if (channel.missed) onGap(name);
        channel.missed = false;
      },
      (error: unknown) => {
        // A new connection asks again, and on this one the next heartbeat. A lost one is logged once, not per channel.
        if (subscriber.status === 'ready')
          log.warn({ err: error }, 'a live channel could not be subscribed; trying again');
      },
    );
  }

  function askUnheard(): void {
    for (const [name, channel] of channels) if (!channel.heard) ask(name, channel);
  }

  subscriber.on('ready', askUnheard);
  subscriber.on('close', () => {
    for (const channel of channels.values()) {
      channel.missed ||= channel.heard;
      channel.heard = false;
    }
  });

  // A connection that only listens does not notice when the other end vanishes without a word.
  const heartbeat = setInterval(() => {
    if (subscriber.status !== 'ready') return;
    subscriber.ping().then(askUnheard, connection.giveUp);
  }, options.heartbeatMs);
  heartbeat.unref();

  return {
    open(name) {
      let channel = channels.get(name);
      if (!channel) {
        channel = { heard: false, missed: false, waiting: new Set() };
        channels.set(name, channel);
        if (subscriber.status === 'ready') ask(name, channel);
      }
      return channel.heard ? Promise.resolve() : untilHeard(channel, openWithinMs);
    },
    close(name) {
      channels.delete(name);
      if (subscriber.status !== 'ready') return;
      subscriber.sunsubscribe(name).catch(() => {
        // It ends with the connection; until then what arrives has no listener.
      });
    },
    dispose() {
      clearInterval(heartbeat);
    },
  };
}

function untilHeard(channel: Channel, withinMs: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      channel.waiting.delete(done);
      resolve();
    };
    const timer = setTimeout(() => {
      channel.missed = true;
      done();
    }, withinMs);
    channel.waiting.add(done);
  });
}
