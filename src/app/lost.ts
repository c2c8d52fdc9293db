import type { Failure, Generation } from '../domain/generation.js';
import type { DueGeneration, LeaseRef } from '../ledger.js';
import type { Outcome } from '../provider.js';
import type { Core } from './core.js';
import { ending, PROCESS_LOST, settlementOf, store, TIMED_OUT, UPLOAD_MISSED } from './deliver.js';
import type { Dispatcher } from './dispatch.js';
import { lookUp } from './look-up.js';
import { AWAITS_UPLOAD } from './press.js';
import type { Settle } from './settle.js';

const PER_ROUND = 100;
// After an outage of the ledger, and at the start, everybody's leases have lapsed: their owners get this long to renew.
const TRUST_AFTER_MS = 10_000;
// A running process ends its own at the deadline. One that has not by then hangs, whatever it says of its lease.
const OVERDUE_AFTER_MS = 30_000;

/** Ends generations whose process was lost. Only a lease that ran out while the ledger could be reached says so. */
export function makeEndLost(
  core: Core,
  settle: Settle,
  dispatcher: Pick<Dispatcher, 'runs'>,
): () => Promise<void> {
  const { ledger, clock } = core;
  const parts = { core, settle, fetch: makeFetch(core, settle) };
  const patienceMs = Math.min(core.leaseMs, TRUST_AFTER_MS);
  let trustFrom = clock.now() + patienceMs;

  return async () => {
    try {
      const lost = await ledger.due('RUNNING', clock.now(), PER_ROUND, []);
      if (clock.now() < trustFrom) return;
      await Promise.all(
        lost.filter(({ id }) => !dispatcher.runs(id)).map((due) => endOne(parts, due)),
      );
    } catch (error) {
      trustFrom = clock.now() + patienceMs;
      throw error;
    }
  };
}

/** Ends what is past its deadline although nobody's lease ran out: those that wait, and those whose process hangs. */
export async function endOverdue(core: Core, settle: Settle): Promise<void> {
  const at = core.clock.now();
  const overdue = [
    ...(await core.ledger.overdue('QUEUED', at, PER_ROUND)),
    ...(await core.ledger.overdue('RUNNING', at - OVERDUE_AFTER_MS, PER_ROUND)),
  ];
  await Promise.all(
    overdue.map((ref: LeaseRef) => settle(ending(core, ref, 'EXPIRED', TIMED_OUT))),
  );
}

interface Parts {
  core: Core;
  settle: Settle;
  fetch: Fetch;
}

/** Fetches what a provider delivered meanwhile, and settles with it. */
type Fetch = (generation: Generation, delivered: Outcome) => Promise<void>;

// Each may take minutes. More go through the queue, where a free slot fetches them.
const FETCHES_AT_ONCE = 8;

/** Nobody waits for it: what is slow to come must not hold up the restorations of others. */
function makeFetch(core: Core, settle: Settle): Fetch {
  const underWay = new Set<string>();

  async function fetch(generation: Generation, delivered: Outcome): Promise<void> {
    try {
      await settle(settlementOf(core, generation, await store(core, generation, delivered)));
    } catch (error) {
      core.log.warn({ err: error, generation: generation.id }, 'a lost job was not fetched');
    } finally {
      underWay.delete(generation.id);
    }
  }

  return async (generation, delivered) => {
    const { id } = generation;
    if (underWay.has(id)) return;
    if (underWay.size >= FETCHES_AT_ONCE) {
      await core.ledger.handBack(generation, core.owner, core.clock.now());
      return;
    }
    underWay.add(id);
    void fetch(generation, delivered);
  };
}

/**
 * The provider is asked first where it can tell. A job that still runs there goes back to the queue: dispatched again under the same
 * id it goes on, in a slot and under a lease. Otherwise it ends now, as it ended there, or the unit goes back.
 */
async function endOne({ core, settle, fetch }: Parts, due: DueGeneration): Promise<void> {
  const { ledger, clock, owner, leaseMs } = core;
  // Claimed before anything is decided: a lease renewed in this very moment wins.
  const claimed = await ledger.claim(due, owner, clock.now() + leaseMs);
  if (!claimed) return;
  const inTime = claimed.deadlineAt > clock.now();
  const found = inTime ? await lookUp(core, claimed) : null;
  switch (found?.kind) {
    case 'running':
      await ledger.handBack(claimed, owner, clock.now());
      return;
    case 'delivered':
      await fetch(claimed, found);
      return;
    case 'blocked':
    case 'failed':
      await settle(settlementOf(core, claimed, found));
      return;
    default:
      await settle(ending(core, claimed, 'EXPIRED', inTime ? PROCESS_LOST : lateOf(claimed)));
  }
}

/** What time being over means for it. */
function lateOf({ provider }: Generation): Failure {
  return provider === AWAITS_UPLOAD ? UPLOAD_MISSED : TIMED_OUT;
}
