import { GateUnavailable } from '../gate.js';
import type { StaleAccount } from '../ledger.js';
import type { Core } from './core.js';
import { removeDue } from './delete.js';
import type { Dispatcher } from './dispatch.js';
import type { Erasing } from './erase.js';
import { makeLoop } from './loop.js';
import { endOverdue, makeEndLost } from './lost.js';
import type { Reckoner } from './reckon.js';
import type { Settle } from './settle.js';

/** What any process does for all: ends what a crash left open, starts what waits, heals gates that drifted. */
export interface Recovery {
  start(): void;
  stop(): Promise<void>;
}

const STALE_PER_ROUND = 100;
// In Redis a step looks at about 200 keys in well under 1 ms: a million keys are walked over in 100 s.
const SWEEP_STEPS_PER_ROUND = 50;
const HEALS_PER_ROUND = 100;

export function makeRecovery(
  core: Core,
  parts: { settle: Settle; dispatcher: Dispatcher; reckoner: Reckoner; erasing: Erasing },
): Recovery {
  const { gate, ledger, clock } = core;
  const { settle, dispatcher, reckoner, erasing } = parts;
  let cursor: string | null = null;
  let staleAfter: StaleAccount | null = null;

  async function healStale(): Promise<void> {
    const marked = await ledger.stale(STALE_PER_ROUND, staleAfter);
    for (const { account } of marked) reckoner.heal(account);
    // What cannot be healed stays marked: a hundred such accounts must not keep the ones behind them waiting.
    staleAfter = marked.length < STALE_PER_ROUND ? null : (marked.at(-1) ?? null);
  }

  /** A bounded part of an endless walk over the gate: nobody has to touch an account for its drift to end. */
  async function sweepGate(): Promise<void> {
    try {
      let heals = 0;
      for (let step = 0; step < SWEEP_STEPS_PER_ROUND && heals < HEALS_PER_ROUND; step++) {
        const { due, next } = await gate.sweep(cursor, clock.now());
        for (const account of due.slice(0, HEALS_PER_ROUND)) reckoner.heal(account);
        heals += due.length;
        cursor = next;
        if (next === null) return;
      }
    } catch (error) {
      // Its going was logged once; saying so every second helps nobody.
      if (!(error instanceof GateUnavailable)) throw error;
    }
  }

  // Each on its own: a provider that is slow to tell must not hold up restorations.
  const loops = [
    makeLoop(core, 'ending lost generations', makeEndLost(core, settle, dispatcher)),
    makeLoop(core, 'ending overdue generations', () => endOverdue(core, settle)),
    makeLoop(core, 'starting waiting generations', () => dispatcher.fill()),
    makeLoop(core, 'healing marked accounts', healStale),
    makeLoop(core, 'sweeping the gate', sweepGate),
    makeLoop(core, 'removing files', () => removeDue(core)),
    makeLoop(core, 'deleting accounts', () => erasing.resume()),
  ];

  return {
    start() {
      for (const loop of loops) loop.start();
    },
    async stop() {
      await Promise.all(loops.map((loop) => loop.stop()));
    },
  };
}
