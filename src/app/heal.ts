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
  /** Begins after whatever called for it, in the background. What fails is marked, for the next round of recovery. */
  heal(account: string): void;
  /** Waits for what is under way; begins nothing more. */
  drain(): Promise<void>;
}

const ATTEMPTS = 3;
// A hot account moves while it is reckoned: its healing must not become a load of its own. The ledger decides meanwhile.
const PAUSE_MS = 1_000;

export function makeHealing(core: Core, align: (account: string) => Promise<Aligned>): Healing {
  const { ledger, clock, log } = core;
  /** True: somebody asked again, for something that may have come after the reading of the ledger. */
  const askedAgain = new Map<string, boolean>();
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

  async function run(account: string): Promise<void> {
    askedAgain.set(account, false);
    try {
      await healOnce(account);
    } catch (error) {
      log.warn({ err: error, account }, 'healing failed; the next touch or round tries again');
    }
    if (draining) return;
    clock.after(PAUSE_MS, () => {
      const again = askedAgain.get(account);
      askedAgain.delete(account);
      if (again) heal(account);
    });
  }

  function heal(account: string): void {
    if (askedAgain.has(account)) {
      askedAgain.set(account, true);
      return;
    }
    if (draining) return;
    const healing = run(account).finally(() => underWay.delete(healing));
    underWay.add(healing);
  }

  return {
    heal,
    async drain() {
      draining = true;
      await Promise.all(underWay);
    },
  };
}
