import { v7 } from 'uuid';

// 32 bits count within a millisecond; half of them are left to count on from a random start.
const SEQUENCE_START = 2 ** 31;
let lastAt = -1;
let sequence = 0;

/**
 * A UUIDv7 of the instant `at`: ids of one process are in the order they were made, and a date in the history is a bound on
 * the id. From the injected clock, so that both agree with `createdAt`.
 */
export function newId(at: number): string {
  sequence = at === lastAt ? sequence + 1 : Math.floor(Math.random() * SEQUENCE_START);
  lastAt = at;
  return v7({ msecs: at, seq: sequence });
}
