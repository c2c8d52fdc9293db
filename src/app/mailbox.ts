/**
 * What one subscriber still has to see: at most one value per key, the newest. A slow client gets no backlog, and the last
 * value always arrives. Ends, and runs `onClose` once, when the subscriber goes.
 */
export interface Mailbox<T> {
  offer(key: string, value: T): void;
  readonly iterator: AsyncIterableIterator<T>;
}

// Keys are a screen's unread generations; beyond this the oldest unread one is dropped (a reload shows it).
const MAX_KEYS = 1_000;

export function makeMailbox<T>(onClose: () => void): Mailbox<T> {
  const unread = new Map<string, T>();
  let waiting: ((result: IteratorResult<T, undefined>) => void)[] = [];
  let closed = false;

  function close(): void {
    if (closed) return;
    closed = true;
    unread.clear();
    for (const resolve of waiting) resolve({ done: true, value: undefined });
    waiting = [];
    onClose();
  }

  const iterator: AsyncIterableIterator<T> = {
    next() {
      if (closed) return Promise.resolve({ done: true, value: undefined });
      for (const [key, value] of unread) {
        unread.delete(key);
        return Promise.resolve({ done: false, value });
      }
      return new Promise((resolve) => waiting.push(resolve));
    },
    return() {
      close();
      return Promise.resolve({ done: true, value: undefined });
    },
    throw(error: unknown) {
      close();
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    },
    [Symbol.asyncIterator]: () => iterator,
  };

  return {
    iterator,
    offer(key, value) {
      if (closed) return;
      const reader = waiting.shift();
      if (reader) {
        reader({ done: false, value });
        return;
      }
      unread.set(key, value);
      if (unread.size > MAX_KEYS) unread.delete(unread.keys().next().value ?? key);
    },
  };
}
