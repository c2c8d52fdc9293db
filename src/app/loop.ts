import type { Core } from './core.js';

/** Work done again and again, one round after the other. A round that fails is logged; the next one tries again. */
export interface Loop {
  start(): void;
  /** Begins no more rounds, and waits for the one under way. */
  stop(): Promise<void>;
}

// One round a second: a lost lease is noticed within a second of running out, far inside the 60 s bound (R6).
const ROUND_MS = 1_000;

export function makeLoop({ clock, log }: Core, what: string, work: () => Promise<void>): Loop {
  let stopped = true;
  let cancel: (() => void) | null = null;
  let round: Promise<void> = Promise.resolve();

  async function run(): Promise<void> {
    try {
      await work();
    } catch (error) {
      log.warn({ err: error }, `${what} failed; the next round tries again`);
    }
    next();
  }

  function next(): void {
    if (stopped) return;
    cancel = clock.after(ROUND_MS, () => {
      round = run();
    });
  }

  return {
    start() {
      stopped = false;
      next();
    },
    async stop() {
      stopped = true;
      cancel?.();
      await round;
    },
  };
}
