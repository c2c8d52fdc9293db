import type { Generation } from '../domain/generation.js';
import type { DueGeneration, Settlement } from '../ledger.js';
import type { Core } from './core.js';
import { ending, PROCESS_LOST, settlementOf, TIMED_OUT } from './deliver.js';
import type { Dispatcher } from './dispatch.js';
import type { Reckoner } from './reckon.js';
import type { Settle } from './settle.js';

/** What any process does for all: ends what a crash left open, starts what waits, heals gates that drifted. */
export interface Recovery {
  start(): void;
  stop(): Promise<void>;
}

// One round a second: a lost lease is noticed within a second of running out, far inside the 60 s bound (R6).
const ROUND_MS = 1_000;
const LOST_PER_ROUND = 100;
const STALE_PER_ROUND = 100;
// In Redis a step looks at about 200 keys in well under 1 ms: a million keys are walked over in 100 s.
const SWEEP_STEPS_PER_ROUND = 50;
// A provider that is asked what became of a job gets this long, so that one slow answer does not hold up the others.
const LOOKUP_MS = 10_000;

export function makeRecovery(
  core: Core,
  parts: { settle: Settle; dispatcher: Dispatcher; reckoner: Reckoner },
): Recovery {
  const { gate, ledger, clock, log } = core;
  const { settle, dispatcher, reckoner } = parts;
  let stopped = true;
  let round: Promise<unknown> = Promise.resolve();
  let cancelNext: (() => void) | null = null;
  let cursor: string | null = null;

  async function endLost(): Promise<void> {
    const lost = await ledger.due('RUNNING', clock.now(), LOST_PER_ROUND);
    await Promise.all(lost.map((due) => endOne(core, settle, due)));
  }

  async function healStale(): Promise<void> {
    for (const account of await ledger.stale(STALE_PER_ROUND)) await reckoner.heal(account);
  }

  /** A bounded part of an endless walk over the gate: nobody has to touch an account for its drift to end. */
  async function sweepGate(): Promise<void> {
    for (let step = 0; step < SWEEP_STEPS_PER_ROUND; step++) {
      const { due, next } = await gate.sweep(cursor, clock.now());
      for (const account of due) await reckoner.heal(account);
      cursor = next;
      if (next === null) return;
    }
  }

  async function attempt(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      log.warn({ err: error }, `${what} failed; the next round tries again`);
    }
  }

  function next(): void {
    if (stopped) return;
    cancelNext = clock.after(ROUND_MS, () => {
      round = Promise.all([
        attempt('ending lost generations', endLost),
        attempt('starting waiting generations', () => dispatcher.fill()),
        attempt('healing marked accounts', healStale),
        attempt('sweeping the gate', sweepGate),
      ]).finally(next);
    });
  }

  return {
    start() {
      stopped = false;
      next();
    },
    async stop() {
      stopped = true;
      cancelNext?.();
      await round;
    },
  };
}

/** The process that ran it is gone: the provider is asked first where it can tell; otherwise the unit goes back. */
async function endOne(core: Core, settle: Settle, due: DueGeneration): Promise<void> {
  const { ledger, clock, owner, leaseMs } = core;
  // Claimed before anything is decided: a lease renewed in this very moment wins.
  const claimed = await ledger.claim(due, owner, clock.now() + leaseMs);
  if (!claimed) return;
  const inTime = claimed.deadlineAt > clock.now();
  const found = inTime ? await lookUp(core, claimed) : null;
  // It still runs there: when the new lease runs out, the provider is asked again.
  if (found === 'running') return;
  await settle(found ?? ending(core, claimed, 'EXPIRED', inTime ? PROCESS_LOST : TIMED_OUT));
}

async function lookUp(core: Core, generation: Generation): Promise<Settlement | 'running' | null> {
  const provider = core.providers.get(generation.provider);
  if (!provider?.lookup) return null;
  const answer = await provider.lookup(generation, AbortSignal.timeout(LOOKUP_MS));
  if (answer.kind === 'running') return 'running';
  return answer.kind === 'unknown' ? null : settlementOf(core, generation, answer);
}
