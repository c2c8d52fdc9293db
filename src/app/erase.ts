import { randomUUID } from 'node:crypto';
import { Fault } from '../domain/fault.js';
import { OPEN_STATUSES } from '../domain/generation.js';
import type { Deletion } from '../erasure.js';
import { GateUnavailable } from '../gate.js';
import type { Core } from './core.js';
import { CANCELLED, ending } from './deliver.js';
import type { Dispatcher } from './dispatch.js';
import type { Settle } from './settle.js';

/** Takes a person out: personal data goes, the ledger stays under an alias that says nothing. */
export interface Erasing {
  /** Closes the account at once and erases as much as time allows; `done` false: the rest goes on in the background. */
  erase(operator: string, account: string, reason: string): Promise<{ done: boolean }>;
  /** Goes on with deletions that a crash, or their size, cut short. */
  resume(): Promise<void>;
}

// Long enough for thousands of generations, short enough for a caller to wait.
const AWAIT_MS = 10_000;
const PER_ROUND = 10;
const OPEN_AT_ONCE = 100;

export function makeErasing(
  core: Core,
  parts: { settle: Settle; dispatcher: Dispatcher },
): Erasing {
  const { erasure, clock, log } = core;

  /** Every step may be repeated, also by another process at the same time. */
  async function goOn(deletion: Deletion, until: number): Promise<boolean> {
    // Asked first: under the same name somebody may have begun anew since.
    while (!(await erasure.step(deletion, clock.now()))) {
      await endOpen(core, parts, deletion.account);
      if (clock.now() >= until) return false;
    }
    await forget(core, deletion.account);
    await erasure.finish(deletion, clock.now());
    log.info({ alias: deletion.alias }, 'an account was deleted');
    return true;
  }

  return {
    async erase(operator, account, reason) {
      const at = clock.now();
      const alias = `deleted-${randomUUID()}`;
      const deletion = await erasure.begin({ account, alias, operator, reason, at });
      if (!deletion) {
        throw new Fault('NOT_FOUND', `There is no account ${account} (any more).`);
      }
      return { done: await goOn(deletion, at + AWAIT_MS) };
    },

    async resume() {
      for (const deletion of await erasure.unfinished(PER_ROUND)) {
        try {
          await goOn(deletion, clock.now());
        } catch (error) {
          // One that cannot go on must not hold up the others.
          log.warn({ err: error, alias: deletion.alias }, 'a deletion waits for the next round');
        }
      }
    },
  };
}

/** What is under way gets its end first: its unit goes back, and nobody delivers to it any more. */
async function endOpen(
  core: Core,
  { settle, dispatcher }: { settle: Settle; dispatcher: Dispatcher },
  account: string,
): Promise<void> {
  for (const status of OPEN_STATUSES) {
    for (const { id } of await core.history.list(account, OPEN_AT_ONCE, null, { status })) {
      await settle(ending(core, { account, id, attempt: null }, 'CANCELLED', CANCELLED));
      dispatcher.abort(id);
    }
  }
}

/** A gate that is away forgets by itself: what it remembers of an account ends a week after its period. */
async function forget({ gate, log }: Core, account: string): Promise<void> {
  try {
    await gate.forget(account);
  } catch (error) {
    if (!(error instanceof GateUnavailable)) throw error;
    log.warn({ err: error }, 'a deleted account is still in the gate; it goes by itself');
  }
}
