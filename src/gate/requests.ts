import { REQUEST_MEMORY_MS } from '../gate.js';

/** Which generation a request id led to, for a day. */
export interface RequestMemory {
  recall(account: string, requestKey: string, at: number): string | undefined;
  remember(account: string, requestKey: string, generationId: string, at: number): void;
  /** A request that means this generation means `standing` from now on, or is forgotten. */
  repoint(account: string, requestKey: string, generationId: string, standing: string | null): void;
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
    repoint(account, requestKey, generationId, standing) {
      const key = keyOf(account, requestKey);
      const request = requests.get(key);
      if (request?.generationId !== generationId) return;
      if (standing === null) requests.delete(key);
      else request.generationId = standing;
    },
    forget,
  };
}
