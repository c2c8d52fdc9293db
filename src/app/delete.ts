import type { Core } from './core.js';
import { cancel, noSuchGeneration } from './end.js';
import type { Dispatcher } from './dispatch.js';
import type { Settle } from './settle.js';

const REMOVALS_PER_ROUND = 100;
// A store that is away answers slowly: a round ends after these, and a shutdown has to wait for no more.
const FAILURES_PER_ROUND = 3;

/**
 * Deletes a generation for its owner: prompt, settings, inputs and files go, what the ledger counts stays. One that is open is
 * cancelled first, so its unit comes back. What was saved to a workspace is a copy of its own and stays there.
 */
export async function deleteGeneration(
  core: Core,
  parts: { settle: Settle; dispatcher: Dispatcher },
  account: string,
  id: string,
): Promise<void> {
  await cancel(core, parts, account, id);
  const answer = await core.history.erase(account, id, core.clock.now());
  if (answer === 'absent') throw noSuchGeneration(id);
}

// Long enough that files which cannot be removed do not stand in the way of those behind them.
const TRY_AGAIN_MS = 10 * 60 * 1000;

/** Removes files that are due, a bounded number a round. One that cannot be removed now is due again later. */
export async function removeDue({ removals, assets, clock, log }: Core): Promise<void> {
  const keys = await removals.due(clock.now(), REMOVALS_PER_ROUND);
  const [gone, left]: [string[], string[]] = [[], []];
  for (const key of keys) {
    try {
      await assets.remove(key);
      gone.push(key);
    } catch (error) {
      log.warn({ err: error, key }, 'a file could not be removed; it is tried again later');
      left.push(key);
      if (left.length === FAILURES_PER_ROUND) break;
    }
  }
  if (gone.length > 0) await removals.done(gone);
  if (left.length > 0) await removals.schedule(left, clock.now() + TRY_AGAIN_MS);
}
