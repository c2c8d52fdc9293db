import { Fault } from '../domain/fault.js';
import { epochOf, type Quota } from '../domain/quota.js';
import type { Core } from './core.js';

/** A reckoning and what became of it. */
export interface Aligned {
  quota: Quota;
  /** `follows`: it holds this very state. `moved`: it changed in between and was left as it is. `away`: it cannot be asked. */
  gate: 'follows' | 'moved' | 'away';
}

/** Puts accounts right whose gate may have drifted: one healing at a time per account, however many ask for it. */
export interface Healing {
  /** Begins after whatever called for it, in the background; what fails is tried again, ever more slowly. */
  heal(account: string): void;
  /** Waits for what is under way. What is asked for from now on is marked, for another process. */
  drain(): Promise<void>;
}

interface Case {
  /** Somebody asked again, for something that may have come after the reading of the ledger. */
  again: boolean;
  failures: number;
}

const ATTEMPTS = 3;
// A hot account moves while it is reckoned: its healing must not become a load of its own. The ledger decides meanwhile.
const PAUSE_MS = 1_000;
const PAUSE_MAX_MS = 60_000;
// More than this wait for the next touch or sweep, which look at the account again.
const MAX_CASES = 10_000;

export function makeHealing(core: Core, align: (account: string) => Promise<Aligned>): Healing {
  const { ledger, clock, log } = core;
  const cases = new Map<string, Case>();
  const underWay = new Set<Promise<void>>();
  let draining = false;

  async function healOnce(account: string): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const aligned = await align(account);
      // Marked with its reckoning: some process heals it once the gate is back.
      if (aligned.gate === 'away') return;
      if (aligned.gate === 'follows') {
        await ledger.clearStale(account, epochOf(aligned.quota.revision));
        return;
      }
    }
    await ledger.markStale(account, clock.now());
  }

  async function run(account: string, its: Case): Promise<void> {
    its.again = false;
    try {
      await healOnce(account);
      its.failures = 0;
    } catch (error) {
      if (isGone(error)) its.again = false;
      else {
        if (its.failures === 0) log.warn({ err: error, account }, 'healing failed; trying again');
        its.again = true;
        its.failures += 1;
      }
    }
    if (draining) {
      if (its.again) await mark(account);
      return;
    }
    clock.after(Math.min(PAUSE_MS * 2 ** its.failures, PAUSE_MAX_MS), () => {
      if (its.again) track(run(account, its));
      else cases.delete(account);
    });
  }

  async function mark(account: string): Promise<void> {
    try {
      await ledger.markStale(account, clock.now());
    } catch (error) {
      log.warn({ err: error, account }, 'an account that needs healing could not be marked');
    }
  }

  function track(work: Promise<void>): void {
    const tracked = work.finally(() => underWay.delete(tracked));
    underWay.add(tracked);
  }

  return {
    heal(account) {
      const its = cases.get(account);
      if (draining) track(mark(account));
      else if (its) its.again = true;
      else if (cases.size < MAX_CASES) {
        const first: Case = { again: false, failures: 0 };
        cases.set(account, first);
        track(run(account, first));
      }
    },
    async drain() {
      draining = true;
      const waiting = [...cases].filter(([, its]) => its.again).map(([account]) => mark(account));
      await Promise.all([...waiting, ...underWay]);
    },
  };
}

/** The account was closed or deleted meanwhile: there is nothing left to put right. */
function isGone(error: unknown): boolean {
  return error instanceof Fault && (error.code === 'FORBIDDEN' || error.code === 'NO_SUBSCRIPTION');
}
