/** The one source of time. Everything that waits or stamps takes a Clock, so that tests can hold it still. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs `wake` once after `delayMs`; answers what cancels it. Never keeps a process alive by itself. */
  after(delayMs: number, wake: () => void): () => void;
}

// Node clamps longer timers to 1 ms (the delay is a signed 32-bit integer).
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The machine's clock. Waits beyond Node's 24.8-day limit wake at the limit: callers look at `now()` again. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, wake) {
    const timer = setTimeout(wake, Math.min(Math.max(delayMs, 0), MAX_TIMER_MS));
    timer.unref();
    return () => {
      clearTimeout(timer);
    };
  },
};
