import type { LiveEvent } from '../live.js';
import type { Log } from '../log.js';

export type Listener = (event: LiveEvent) => void;

/** Who listens to which account in this process. */
export interface Listeners {
  /** Answers what removes it again; calling that twice is harmless. */
  add(account: string, listener: Listener): () => void;
  deliver(account: string, event: LiveEvent): void;
  has(account: string): boolean;
  /** Accounts somebody listens to. */
  size(): number;
}

export function makeListeners(log: Log): Listeners {
  const topics = new Map<string, Set<{ listener: Listener }>>();
  return {
    add(account, listener) {
      const topic = topics.get(account) ?? new Set();
      topics.set(account, topic);
      const entry = { listener }; // One listener may listen twice.
      topic.add(entry);
      return () => {
        topic.delete(entry);
        // Somebody else may have begun a new topic since this one was empty.
        if (topic.size === 0 && topics.get(account) === topic) topics.delete(account);
      };
    },
    deliver(account, event) {
      for (const { listener } of topics.get(account) ?? []) {
        try {
          listener(event);
        } catch (error) {
          // One screen's trouble is not another's.
          log.error({ account, kind: event.kind, error }, 'a live listener threw');
        }
      }
    },
    has: (account) => topics.has(account),
    size: () => topics.size,
  };
}
