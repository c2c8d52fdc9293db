import { LedgerUnavailable } from '../ledger.js';

/** Lets `slots` callers through at a time, the others in the order they came. */
export interface Turns {
  /** Waits at most `waitMs`; answers what ends the turn. Throws `LedgerUnavailable` when too many or too long waiting. */
  take(waitMs: number): Promise<() => void>;
}

/** @param maxWaiting how many may wait before the next one is refused at once */
export function makeTurns(slots: number, maxWaiting: number): Turns {
  // A Set keeps insertion order and forgets one that gave up in constant time.
  const waiting = new Set<() => void>();
  let free = slots;

  function release(): void {
    const [next] = waiting;
    if (next === undefined) {
      free += 1;
      return;
    }
    waiting.delete(next);
    next();
  }

  function turn(): () => void {
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      release();
    };
  }

  return {
    take(waitMs) {
      if (free > 0) {
        free -= 1;
        return Promise.resolve(turn());
      }
      if (waiting.size >= maxWaiting) {
        return Promise.reject(
          new LedgerUnavailable('Too many operations wait for the ledger. Try again in a moment.'),
        );
      }
      return new Promise((resolve, reject) => {
        const begin = () => {
          clearTimeout(timer);
          resolve(turn());
        };
        const timer = setTimeout(() => {
          waiting.delete(begin);
          reject(new LedgerUnavailable('The ledger is busy. Try again in a moment.'));
        }, waitMs);
        waiting.add(begin);
      });
    },
  };
}
