import type { Clock } from '../../src/clock.js';

export interface ManualClock extends Clock {
  /** Moves time on and wakes whoever waited for an instant on the way, in order. */
  advance(byMs: number): void;
}

/** A clock that stands still until a test moves it. */
export function makeManualClock(startsAt: number): ManualClock {
  let now = startsAt;
  let timers: { at: number; wake: () => void }[] = [];
  return {
    now: () => now,
    after(delayMs, wake) {
      const timer = { at: now + Math.max(0, delayMs), wake };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    advance(byMs) {
      const until = now + byMs;
      for (;;) {
        const next = timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
        if (!next) break;
        timers = timers.filter((timer) => timer !== next);
        now = Math.max(now, next.at);
        next.wake();
      }
      now = until;
    },
  };
}
