import { REQUEST_MEMORY_MS } from '../gate.js';

/** Which generation a request id led to, for a day. */
export interface RequestMemory {
  recall(account: string, requestKey: string, at: number): string | undefined;
  remember(account: string, requestKey: string, generationId: string, at: number): void;
  /** Forgets a request if it still means this generation. */
  forgetOne(account: string, requestKey: string, generationId: string): void;
  /** Frees what is older than a day. */
  forget(at: number): void;
}

/**
 * Bounded by what a day brings: requests are kept in the order they came, and each new one frees those at the front whose
 * day is over. So does every sweep, for a process that takes nothing any more.
 */
export function makeRequestMemory(): RequestMemory {
  const requests = new Map<string, { generationId: string; until: number }>();
  const keyOf = (account: string, requestKey: string) => JSON.stringify([account, requestKey]);

  function forget(at: number): void {
    for (const [key, { until }] of requests) {
      if (until > at) return;
      requests.delete(key);
    }
  }

  return {
    recall(account, requestKey, at) {
      const request = requests.get(keyOf(account, requestKey));
      return request && request.until > at ? request.generationId : undefined;
    },
    remember(account, requestKey, generationId, at) {
      forget(at);
      const key = keyOf(account, requestKey);
      requests.delete(key); // Set anew, it goes to the end.
      requests.set(key, { generationId, until: at + REQUEST_MEMORY_MS });
    },
    forgetOne(account, requestKey, generationId) {
      const key = keyOf(account, requestKey);
      if (requests.get(key)?.generationId === generationId) requests.delete(key);
    },
    forget,
  };
}
