import type { Generation } from '../domain/generation.js';
import type { Settlement } from '../ledger.js';
import type { Stop } from '../provider.js';
import type { Core } from './core.js';
import { ending, settlementOf, TIMED_OUT } from './deliver.js';
import { serve } from './serve.js';
import { discardFiles } from './store.js';
import type { Settle } from './settle.js';

// The ledger may be away when an outcome is known: it is told again, ever more slowly, as long as the lease is worth having.
const SETTLE_RETRY_MIN_MS = 100;
const SETTLE_RETRY_MAX_MS = 5_000;
// What must be settled after the deadline itself: the longest outage of the ledger that loses no outcome.
const SETTLE_GRACE_MS = 60_000;

/** What running needs beside the generation. */
export interface Runner {
  core: Core;
  settle: Settle;
  isDraining: () => boolean;
}

/** One dispatched generation, from its provider to its end. `controller` aborts with a `Stop`. */
export async function runGeneration(
  runner: Runner,
  generation: Generation,
  controller: AbortController,
): Promise<void> {
  const { core } = runner;
  const { clock, ledger, owner } = core;
  const { signal } = controller;
  // Another one than the deadline's: what is late may still be delivered.
  const dropped = new AbortController();
  const cancelDeadline = clock.after(generation.deadlineAt - clock.now(), () => {
    controller.abort('deadline' satisfies Stop);
  });
  try {
    void core.live.publishGeneration(generation.account, generation.id);
    // Storing what was delivered is part of the work: it, too, ends with the deadline.
    const delivery = deliver(core, generation, signal, dropped.signal);
    const settlement = await Promise.race([delivery, stopped(signal)]);
    if (settlement === 'ended' || settlement === 'shutdown') {
      dropped.abort();
      void discardLate(core, generation, delivery);
      if (settlement === 'shutdown') await ledger.handBack(generation, owner, clock.now());
      return;
    }
    if (settlement === 'deadline') {
      void settleLate(runner, generation, delivery);
      const expiry = ending(core, generation, 'EXPIRED', TIMED_OUT);
      await settleSurely(runner, expiry, generation.deadlineAt);
    } else await settleSurely(runner, settlement, generation.deadlineAt);
  } finally {
    cancelDeadline();
  }
}

async function deliver(
  core: Core,
  generation: Generation,
  signal: AbortSignal,
  dropped: AbortSignal,
): Promise<Settlement> {
  return settlementOf(core, generation, await serve(core, generation, signal, dropped));
}

/** A success that comes although its time was over is the person's to keep, free (a write-off). */
async function settleLate(
  { core, settle }: Runner,
  generation: Generation,
  delivery: Promise<Settlement>,
): Promise<void> {
  try {
    const settlement = await delivery;
    if (settlement.status === 'SUCCEEDED') await settle({ ...settlement, at: core.clock.now() });
  } catch (error) {
    core.log.warn({ err: error, generation: generation.id }, 'a late success was lost');
  }
}

/** What nobody waits for any more: the person cancelled it, or another process makes it anew. */
async function discardLate(
  core: Core,
  generation: Generation,
  delivery: Promise<Settlement>,
): Promise<void> {
  try {
    await discardFiles(core, (await delivery).outputs);
  } catch (error) {
    core.log.debug({ err: error, generation: generation.id }, 'a dropped job left something');
  }
}

async function settleSurely(
  { core: { clock, log }, settle, isDraining }: Runner,
  settlement: Settlement,
  deadlineAt: number,
): Promise<void> {
  const giveUpAt = Math.max(clock.now(), deadlineAt) + SETTLE_GRACE_MS;
  for (let waitMs = SETTLE_RETRY_MIN_MS; ; waitMs = Math.min(waitMs * 2, SETTLE_RETRY_MAX_MS)) {
    try {
      await settle(settlement);
      return;
    } catch (error) {
      if (clock.now() + waitMs > giveUpAt || isDraining()) throw error;
      log.warn({ err: error, generation: settlement.id }, 'settling failed; trying again');
      await new Promise<void>((resolve) => clock.after(waitMs, resolve));
    }
  }
}

function stopped(signal: AbortSignal): Promise<Stop> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(signal.reason as Stop);
    signal.addEventListener('abort', () => {
      resolve(signal.reason as Stop);
    });
  });
}
