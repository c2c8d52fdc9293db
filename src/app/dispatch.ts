import type { Generation } from '../domain/generation.js';
import type { LeaseRef } from '../ledger.js';
import type { Core } from './core.js';
import { ending, TIMED_OUT } from './deliver.js';
import { makeLeases } from './leases.js';
import { runGeneration, type Runner, type Stop } from './run.js';
import type { Settle } from './settle.js';

/** Runs generations at their providers: a bounded number at once, each under its deadline and a renewed lease. */
export interface Dispatcher {
  /** Reserves a slot for a generation about to be opened; false: none is free. */
  reserve(): boolean;
  unreserve(): void;
  /** Dispatches an opened generation in the slot reserved for it, or puts it into the queue; answers it as it is then. */
  start(generation: Generation, slotReserved: boolean): Generation;
  /** Claims waiting generations for the slots that are free. */
  fill(): Promise<void>;
  /** Whether this very process runs it: whatever its lease says, it is not lost. */
  runs(id: string): boolean;
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

export function makeDispatcher(core: Core, settle: Settle): Dispatcher {
  const { log } = core;
  const running = new Map<string, Running>();
  const leases = makeLeases(core, () => [...running.values()].map(({ lease }) => lease));
  const runner: Runner = { core, settle, isDraining: () => draining };
  let reserved = 0;
  let draining = false;
  // Whether the ledger may have waiting ones, so that a freed slot only asks it when there is a reason to.
  let mayWait = false;
  let filling: Promise<void> | null = null;

  const freeSlots = () => (draining ? 0 : core.slots - running.size - reserved);

  /** In a slot, or, with none to have, only until it is back in the queue. */
  function run(generation: Generation, slot: boolean): void {
    const { account, id, attempt } = generation;
    const controller = new AbortController();
    const work =
      slot && !draining
        ? runGeneration(runner, generation, controller)
        : handBack(core, generation).then(() => {
            mayWait = true;
          });
    const done = work
      .catch((error: unknown) => {
        log.error({ err: error, generation: id }, 'dispatch gave up; recovery takes over');
      })
      .finally(() => {
        running.delete(id);
        if (mayWait) void fill();
      });
    running.set(id, { lease: { account, id, attempt }, controller, done });
    leases.keep();
  }

  function fill(): Promise<void> {
    filling ??= fillSlots().finally(() => (filling = null));
    return filling;
  }

  async function fillSlots(): Promise<void> {
    const free = freeSlots();
    if (free <= 0) return;
    reserved += free;
    try {
      mayWait = await claimWaiting(core, settle, free, (claimed) => {
        run(claimed, true);
      });
    } catch (error) {
      log.warn({ err: error }, 'the queue could not be read; the next round tries again');
    } finally {
      reserved -= free;
    }
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
      if (slotReserved) reserved -= 1;
      run(generation, slotReserved);
      return slotReserved ? generation : { ...generation, status: 'QUEUED' };
    },
    fill,
    runs: (id) => running.has(id),
    abort(id) {
      running.get(id)?.controller.abort('ended' satisfies Stop);
    },
    async drain(withinMs) {
      draining = true;
      await filling;
      await finished(running, core, withinMs);
      for (const { controller } of running.values()) controller.abort('shutdown' satisfies Stop);
      await Promise.all([...running.values()].map(({ done }) => done));
      leases.stop();
    },
  };
}

/** Runs up to `limit` of those that wait; answers whether there may be more. */
async function claimWaiting(
  core: Core,
  settle: Settle,
  limit: number,
  run: (generation: Generation) => void,
): Promise<boolean> {
  const { ledger, clock, owner, leaseMs } = core;
  const due = await ledger.due('QUEUED', clock.now(), limit);
  for (const waiting of due) {
    const claimed = await ledger.claim(waiting, owner, clock.now() + leaseMs);
    // Null: another process was first.
    if (claimed === null) continue;
    if (claimed.deadlineAt > clock.now()) run(claimed);
    else await settle(ending(core, claimed, 'EXPIRED', TIMED_OUT));
  }
  return due.length === limit;
}

async function handBack(core: Core, generation: Generation): Promise<void> {
  await core.ledger.handBack(generation, core.owner, core.clock.now());
  void core.live.publishGeneration(generation.account, generation.id);
}

async function finished(
  running: ReadonlyMap<string, Running>,
  { clock }: Core,
  withinMs: number,
): Promise<void> {
  if (withinMs <= 0) return;
  const timeUp = new Promise<void>((resolve) => clock.after(withinMs, resolve));
  await Promise.race([Promise.all([...running.values()].map(({ done }) => done)), timeUp]);
}
