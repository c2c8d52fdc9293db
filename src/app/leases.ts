import type { LeaseRef } from '../ledger.js';
import type { Core } from './core.js';

/** Keeps the leases of what this process runs, while it runs any. */
export interface Leases {
  /** Call when something begins to run. */
  keep(): void;
  stop(): void;
}

// After a failure at once again: others take what is not renewed for lost.
const RETRY_MS = 1_000;

export function makeLeases(core: Core, held: () => LeaseRef[]): Leases {
  const { ledger, clock, log, owner, leaseMs } = core;
  // At a third of their life, so that two renewals may fail before anybody else steps in.
  const renewAfterMs = leaseMs / 3;
  let cancel: (() => void) | null = null;
  let renewing = false;

  async function renew(): Promise<void> {
    cancel = null;
    const leases = held();
    if (leases.length === 0) return;
    renewing = true;
    try {
      await ledger.renew(leases, owner, clock.now() + leaseMs);
      renewAfter(renewAfterMs);
    } catch (error) {
      log.warn({ err: error }, 'leases could not be renewed; trying again');
      renewAfter(Math.min(RETRY_MS, renewAfterMs));
    } finally {
      renewing = false;
    }
  }

  function renewAfter(delayMs: number): void {
    cancel ??= clock.after(delayMs, () => void renew());
  }

  return {
    keep() {
      if (!renewing) renewAfter(renewAfterMs);
    },
    stop() {
      cancel?.();
    },
  };
}
