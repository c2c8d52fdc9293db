import type { Generation } from '../domain/generation.js';
import type { LeaseRef } from '../ledger.js';
import type { Stop } from '../provider.js';
import type { Core } from './core.js';
import { makeLeases } from './leases.js';
import { runGeneration, type Runner } from './run.js';
import type { Settle } from './settle.js';
import { makeSlots, type Slots } from './slots.js';

/** Runs generations at their providers: a bounded number at once, each under its deadline and a renewed lease. */
export interface Dispatcher {
  /** Reserves a slot for a generation about to be opened; false: none is free for this account. */
  reserve(account: string): boolean;
  unreserve(account: string): void;
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
  const slots = makeSlots(core.slots);
  let draining = false;
  // Whether the ledger may have waiting ones, so that a freed slot only asks it when there is a reason to.
  let mayWait = false;
  let filling: Promise<void> | null = null;
  let askedToFill = false;

  /** In a slot, or, with none to have, only until it is back in the queue. */
  function run(generation: Generation, slot: boolean): void {
    const { account, id, attempt } = generation;
    const controller = new AbortController();
    const work =
      slot && !draining
        ? runGeneration(runner, generation, controller)
        : handBack(core, generation);
    const done = work
      .catch((error: unknown) => {
        log.error({ err: error, generation: id }, 'dispatch gave up; recovery takes over');
      })
      .finally(() => {
        // Handed back and claimed anew, it may be running again under the same id.
        if (running.get(id)?.done === done) running.delete(id);
        if (slot) slots.giveBack(account);
        if (mayWait || !slot) void fill();
      });
    running.set(id, { lease: { account, id, attempt }, controller, done });
    leases.keep();
  }

  function fill(): Promise<void> {
    askedToFill = true;
    return (filling ??= fillSlots());
  }

  async function fillSlots(): Promise<void> {
    try {
      // Once more when a slot got free, or another one began to wait, while the queue was being read.
      while (askedToFill && !draining) {
        askedToFill = false;
        mayWait = await claimWaiting(core, slots, run);
      }
    } catch (error) {
      log.warn({ err: error }, 'the queue could not be read; the next round tries again');
    } finally {
      // Here, not in a callback later: whoever asks from now on begins anew.
      filling = null;
    }
  }

  return {
    reserve: (account) => !draining && slots.take(account),
    unreserve(account) {
      slots.giveBack(account);
    },
    start(generation, slotReserved) {
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

/** Runs those that wait, in the slots that are free; answers whether there may be more. */
async function claimWaiting(
  core: Core,
  slots: Slots,
  run: (generation: Generation, slot: boolean) => void,
): Promise<boolean> {
  const { ledger, clock, owner, leaseMs } = core;
  const limit = slots.free();
  if (limit === 0) return true;
  const full = slots.full();
  const due = await ledger.due('QUEUED', clock.now(), limit, full);
  let mayBeMore = due.length === limit || full.length > 0;
  for (const waiting of due) {
    if (!slots.take(waiting.account)) {
      mayBeMore = true;
      continue;
    }
    let claimed: Generation | null = null;
    try {
      // Null: another process was first.
      claimed = await ledger.claim(waiting, owner, clock.now() + leaseMs);
    } finally {
      if (!claimed) slots.giveBack(waiting.account);
    }
    if (claimed) run(claimed, true);
  }
  return mayBeMore;
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
