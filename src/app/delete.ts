import type { Core } from './core.js';
import { cancel, noSuchGeneration } from './end.js';
import type { Dispatcher } from './dispatch.js';
import type { Settle } from './settle.js';

const REMOVALS_PER_ROUND = 100;

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

/** Removes files that are due, a bounded number a round. One that cannot be removed now is due again in the next. */
export async function removeDue({ removals, assets, clock }: Core): Promise<void> {
  const keys = await removals.due(clock.now(), REMOVALS_PER_ROUND);
  for (const key of keys) await assets.remove(key);
  if (keys.length > 0) await removals.done(keys);
}
