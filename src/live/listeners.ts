import type { LiveEvent } from '../live.js';
import type { Log } from '../log.js';

export type Listener = (event: LiveEvent) => void;

/** Who in this process listens to which topic: an account, or its channel. */
export interface Listeners {
  /** Answers what removes it again; calling that twice is harmless. */
  add(topic: string, listener: Listener): () => void;
  deliver(topic: string, event: LiveEvent): void;
  has(topic: string): boolean;
  /** Topics somebody listens to. */
  size(): number;
}

export function makeListeners(log: Log): Listeners {
  const topics = new Map<string, Set<{ listener: Listener }>>();
  return {
    add(topic, listener) {
      const listening = topics.get(topic) ?? new Set();
      topics.set(topic, listening);
      const entry = { listener }; // One listener may listen twice.
      listening.add(entry);
      return () => {
        listening.delete(entry);
        // Somebody else may have begun a new topic since this one was empty.
        if (listening.size === 0 && topics.get(topic) === listening) topics.delete(topic);
      };
    },
    deliver(topic, event) {
      for (const { listener } of topics.get(topic) ?? []) {
        try {
          listener(event);
        } catch (error) {
          // One screen's trouble is not another's.
          log.error({ err: error, topic, kind: event.kind }, 'a live listener threw');
        }
      }
    },
    has: (topic) => topics.has(topic),
    size: () => topics.size,
  };
}
