import { isOpen, type Generation } from '../domain/generation.js';
import type { Core } from './core.js';
import { watchGenerations } from './watch.js';

// News may be lost, with Redis away for example: the ledger is asked as well.
const ASK_EVERY_MS = 500;

/** The generation as it ended, or as it stands after `withinMs`: for what is usually done in a moment. */
export async function awaitEnd(
  core: Core,
  generation: Generation,
  withinMs: number,
): Promise<Generation> {
  if (!isOpen(generation)) return generation;
  const { account, id } = generation;
  const { clock, ledger } = core;
  const until = clock.now() + withinMs;
  const states = await watchGenerations(core, account, id);
  let newest = generation;
  let cancel = (): void => undefined;

  async function ask(): Promise<void> {
    newest = (await ledger.find(account, id).catch(() => null)) ?? newest;
    if (isOpen(newest) && clock.now() < until) askLater();
    else await states.return?.();
  }

  function askLater(): void {
    cancel = clock.after(ASK_EVERY_MS, () => void ask());
  }

  askLater();
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
