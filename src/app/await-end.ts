import { isOpen, type Generation } from '../domain/generation.js';
import type { Core } from './core.js';
import { watchGenerations } from './watch.js';

/** The generation as it ended, or as it stands after `withinMs`: for what is usually done in a moment. */
export async function awaitEnd(
  core: Core,
  generation: Generation,
  withinMs: number,
): Promise<Generation> {
  if (!isOpen(generation)) return generation;
  const states = await watchGenerations(core, generation.account, generation.id);
  const cancel = core.clock.after(withinMs, () => void states.return?.());
  let newest = generation;
  try {
    for await (const state of states) {
      newest = state;
      if (!isOpen(state)) break;
    }
    return newest;
  } finally {
    cancel();
    await states.return?.();
  }
}
