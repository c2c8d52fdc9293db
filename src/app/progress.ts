import type { Generation } from '../domain/generation.js';
import type { Core } from './core.js';

/** Passes on how far a provider is: the newest value, at most once a second, in whole percent. */
export interface Progress {
  report: (progress: number) => void;
  stop(): void;
}

// A screen shows no more, and every note is a statement in the ledger.
const EVERY_MS = 1_000;

export function makeProgress(core: Core, generation: Generation): Progress {
  const { ledger, live, clock, log } = core;
  const { account, id } = generation;
  let newest = 0;
  let noted = 0;
  let cancel: (() => void) | null = null;
  let stopped = false;

  async function note(): Promise<void> {
    cancel = null;
    if (stopped || newest === noted) return;
    const progress = (noted = newest);
    try {
      if (await ledger.note(generation, { progress })) await live.publishGeneration(account, id);
    } catch (error) {
      log.debug({ err: error, generation: id }, 'progress was not noted');
    }
  }

  return {
    report(progress) {
      // Also what is no number at all comes from outside.
      if (!(progress >= 0) || stopped) return;
      newest = Math.min(1, Math.round(progress * 100) / 100);
      cancel ??= clock.after(EVERY_MS, () => void note());
    },
    stop() {
      stopped = true;
      cancel?.();
    },
  };
}
