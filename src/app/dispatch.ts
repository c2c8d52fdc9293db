import type { Generation } from '../domain/generation.js';
import type { DueGeneration, LeaseRef, Settlement } from '../ledger.js';
import type { Outcome } from '../provider.js';
import type { Core } from './core.js';
import { ending, PROVIDER_FAULT, settlementOf, TIMED_OUT } from './deliver.js';
import type { Settle } from './settle.js';

/** Runs generations at their providers: a bounded number at once, each under its deadline and a renewed lease. */
export interface Dispatcher {
  /** Reserves a slot for a generation about to be opened; false: none is free, it waits in the ledger. */
  reserve(): boolean;
  unreserve(): void;
  /** Dispatches an opened generation in the slot reserved for it; without one it waits until a slot is free. */
  start(generation: Generation, slotReserved: boolean): void;
  /** Claims waiting generations for the slots that are free. */
  fill(): Promise<void>;
  /** Stops the provider call of a generation that has ended otherwise. */
  abort(id: string): void;
  /** Waits up to `withinMs` for what runs, then hands the rest back to the queue. */
  drain(withinMs: number): Promise<void>;
}

interface Running {
  lease: LeaseRef;
  controller: AbortController;
  done: Promise<void>;
}

/** Why a provider call was stopped. */
type Stop = 'deadline' | 'ended' | 'shutdown';

// The ledger may be away when an outcome is known: it is told again, ever more slowly, as long as the lease is worth having.
const SETTLE_RETRY_MIN_MS = 100;
const SETTLE_RETRY_MAX_MS = 5_000;
// What must be settled after the deadline itself: the longest outage of the ledger that loses no outcome.
const SETTLE_GRACE_MS = 60_000;

export function makeDispatcher(core: Core, settle: Settle): Dispatcher {
  const { ledger, clock, log, owner, leaseMs } = core;
  const running = new Map<string, Running>();
  let reserved = 0;
  let draining = false;
  let cancelRenewal: (() => void) | null = null;

  // Whether the ledger may have waiting ones, so that a freed slot only asks it when there is a reason to.
  let mayWait = false;

  const freeSlots = () => (draining ? 0 : core.slots - running.size - reserved);

  function run(generation: Generation): void {
    const controller = new AbortController();
    const lease = { account: generation.account, id: generation.id, attempt: generation.attempt };
    const done = live(generation, controller)
      .catch((error: unknown) => {
        log.error(
          { err: error, generation: generation.id },
          'dispatch gave up; recovery takes over',
        );
      })
      .finally(() => {
        running.delete(generation.id);
        if (mayWait) void fill();
      });
    running.set(generation.id, { lease, controller, done });
    keepLeases();
  }

  async function live(generation: Generation, controller: AbortController): Promise<void> {
    const stop = (why: Stop) => {
      controller.abort(why);
    };
    const cancelDeadline = clock.after(generation.deadlineAt - clock.now(), () => {
      stop('deadline');
    });
    try {
      void core.live.publishGeneration(generation.account, generation.id);
      const outcome = await outcomeOf(generation, controller.signal);
      if (outcome === 'ended') return;
      if (outcome === 'shutdown') {
        await ledger.handBack(generation, owner, clock.now());
        return;
      }
      await settleSurely(
        generation,
        outcome === 'deadline'
          ? ending(core, generation, 'EXPIRED', TIMED_OUT)
          : await settlementOf(core, generation, outcome),
      );
    } finally {
      cancelDeadline();
    }
  }

  async function outcomeOf(generation: Generation, signal: AbortSignal): Promise<Outcome | Stop> {
    const provider = core.providers.get(generation.provider);
    if (!provider) {
      log.error({ provider: generation.provider }, 'no such provider is configured');
      return { kind: 'failed', failure: PROVIDER_FAULT };
    }
    const dispatched = provider.dispatch(generation, signal).catch((error: unknown): Outcome => {
      if (!signal.aborted) log.error({ err: error, generation: generation.id }, 'provider fault');
      return { kind: 'failed', failure: PROVIDER_FAULT };
    });
    const outcome = await Promise.race([dispatched, stopped(signal)]);
    if (outcome === 'deadline') void deliverLate(generation, dispatched);
    return outcome;
  }

  /** A success that comes although its time was over is the person's to keep, free (a write-off). */
  async function deliverLate(generation: Generation, dispatched: Promise<Outcome>): Promise<void> {
    const outcome = await dispatched;
    if (outcome.kind !== 'delivered') return;
    try {
      await settleSurely(generation, await settlementOf(core, generation, outcome));
    } catch (error) {
      log.warn({ err: error, generation: generation.id }, 'a late success could not be delivered');
    }
  }

  async function settleSurely(generation: Generation, settlement: Settlement): Promise<void> {
    const giveUpAt = Math.max(clock.now(), generation.deadlineAt) + SETTLE_GRACE_MS;
    for (let waitMs = SETTLE_RETRY_MIN_MS; ; waitMs = Math.min(waitMs * 2, SETTLE_RETRY_MAX_MS)) {
      try {
        await settle(settlement);
        return;
      } catch (error) {
        if (clock.now() + waitMs > giveUpAt || draining) throw error;
        log.warn({ err: error, generation: generation.id }, 'settling failed; trying again');
        await new Promise<void>((resolve) => clock.after(waitMs, resolve));
      }
    }
  }

  async function fill(): Promise<void> {
    let kept = freeSlots();
    if (kept <= 0) return;
    reserved += kept;
    try {
      const due = await ledger.due('QUEUED', clock.now(), kept);
      mayWait = due.length === kept;
      for (const waiting of due) {
        const claimed = await claim(waiting);
        if (!claimed) continue;
        kept -= 1;
        reserved -= 1;
        run(claimed);
      }
    } catch (error) {
      log.warn({ err: error }, 'the queue could not be read; the next round tries again');
    } finally {
      reserved -= kept;
    }
  }

  async function claim(waiting: DueGeneration): Promise<Generation | null> {
    const claimed = await ledger.claim(waiting, owner, clock.now() + leaseMs);
    if (claimed === null || claimed.deadlineAt > clock.now()) return claimed;
    await settle(ending(core, claimed, 'EXPIRED', TIMED_OUT));
    return null;
  }

  /** Leases are renewed at a third of their life, so that two renewals may fail before anybody else steps in. */
  function keepLeases(): void {
    cancelRenewal ??= clock.after(leaseMs / 3, () => {
      cancelRenewal = null;
      const leases = [...running.values()].map(({ lease }) => lease);
      if (leases.length === 0) return;
      ledger
        .renew(leases, owner, clock.now() + leaseMs)
        .catch((error: unknown) => {
          log.warn({ err: error }, 'leases could not be renewed; trying again');
        })
        .finally(keepLeases);
    });
  }

  return {
    reserve() {
      if (freeSlots() <= 0) return false;
      reserved += 1;
      return true;
    },
    unreserve() {
      reserved -= 1;
    },
    start(generation, slotReserved) {
      if (slotReserved) {
        reserved -= 1;
        run(generation);
      } else {
        mayWait = true;
        void core.live.publishGeneration(generation.account, generation.id);
      }
    },
    fill,
    abort(id) {
      running.get(id)?.controller.abort('ended' satisfies Stop);
    },
    async drain(withinMs) {
      draining = true;
      const all = () => Promise.all([...running.values()].map(({ done }) => done));
      if (withinMs > 0) {
        const timeUp = new Promise<void>((resolve) => clock.after(withinMs, resolve));
        await Promise.race([all(), timeUp]);
      }
      for (const { controller } of running.values()) controller.abort('shutdown' satisfies Stop);
      await all();
      cancelRenewal?.();
    },
  };
}

function stopped(signal: AbortSignal): Promise<Stop> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(signal.reason as Stop);
    signal.addEventListener('abort', () => {
      resolve(signal.reason as Stop);
    });
  });
}
