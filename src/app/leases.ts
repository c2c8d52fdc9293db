import type { LeaseRef } from '../ledger.js';
import type { Core } from './core.js';

/** Keeps the leases of what this process runs, while it runs any. */
export interface Leases {
  /** Call when something begins to run. */
  keep(): void;
  stop(): void;
}

export function makeLeases(core: Core, held: () => LeaseRef[]): Leases {
  const { ledger, clock, log, owner, leaseMs } = core;
  let cancel: (() => void) | null = null;

  async function renew(): Promise<void> {
    cancel = null;
    const leases = held();
    if (leases.length === 0) return;
    try {
      await ledger.renew(leases, owner, clock.now() + leaseMs);
    } catch (error) {
      log.warn({ err: error }, 'leases could not be renewed; trying again');
    }
    keep();
  }

  /** At a third of their life, so that two renewals may fail before anybody else steps in. */
  function keep(): void {
    cancel ??= clock.after(leaseMs / 3, () => void renew());
  }

  return {
    keep,
    stop() {
      cancel?.();
    },
  };
}
