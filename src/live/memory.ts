import type { Quota } from '../domain/quota.js';
import type { Live } from '../live.js';
import type { Log } from '../log.js';
import { makeListeners } from './listeners.js';

/** The live updates of a single process; events reach their listeners before the publishing call returns. */
export interface MemoryLive extends Live {
  /** For the gate of the same process, which publishes within its own step. */
  publishQuota: (account: string, quota: Quota) => void;
}

export function makeMemoryLive({ log }: { log: Log }): MemoryLive {
  const listeners = makeListeners(log);
  return {
    subscribe: (account, listener) => Promise.resolve(listeners.add(account, listener)),
    publishGeneration(account, id) {
      listeners.deliver(account, { kind: 'generation', id });
      return Promise.resolve();
    },
    publishQuota(account, quota) {
      listeners.deliver(account, { kind: 'quota', quota });
    },
    dispose: () => Promise.resolve(),
  };
}
