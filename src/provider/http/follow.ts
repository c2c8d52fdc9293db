import { BrokenCircuitError } from 'cockatiel';
import type { Clock } from '../../clock.js';
import type { Job, Outcome } from '../../provider.js';
import { Transient } from '../wire/resilience.js';
import type { Calls, Told } from './calls.js';
import { FORGOTTEN } from './outcome.js';
import type { JobState } from './protocol.js';

/** Wakes whoever waits for the next look at a job; rung before, it makes the next wait end at once. */
export interface Alarm {
  ring(): void;
  /** Ends after `ms`, when it rings, or when the signal aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

export function makeAlarm(clock: Clock): Alarm {
  let rung = false;
  let wake = (): void => undefined;
  return {
    ring() {
      rung = true;
      wake();
    },
    async wait(ms, signal) {
      if (!rung && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const cancel = clock.after(ms, resolve);
          wake = () => {
            cancel();
            resolve();
          };
          signal.addEventListener('abort', wake, { once: true });
        });
        signal.removeEventListener('abort', wake);
      }
      rung = false;
    },
  };
}

export interface Following {
  calls: Calls;
  /** The end that a state means; null while it has none. */
  endOf: (state: JobState) => Outcome | null;
  alarm: Alarm;
  clock: Clock;
  /** First wait between two looks. */
  pollMs: number;
  /** Whether the provider calls back: then polling only makes up for callbacks that were lost. */
  callsBack: boolean;
}

const POLL_GROWTH = 1.5;
const MAX_POLL_MS = 15_000;
const POLL_BESIDE_CALLBACKS_MS = 30_000;
// What a provider may ask us to wait for the next look.
const MAX_RETRY_AFTER_MS = 5 * 60_000;
// A provider that answers nothing for so long has most likely lost its jobs; the next one in the catalogue may do better.
const SILENT_FOR_MS = 2 * 60_000;
// A provider that forgets its jobs, on a restart say, is given the same one again this many times.
const MAX_CREATIONS = 3;

/** Creates the job and looks at it until it has ended. Throws what the calls throw once insisting is of no use. */
export async function follow(
  following: Following,
  job: Job,
  signal: AbortSignal,
): Promise<Outcome> {
  const { calls, endOf } = following;
  const look = makeLook(following, job, signal);
  let furthest = 0;
  for (let creations = 1; creations <= MAX_CREATIONS; creations += 1) {
    let told = await calls.create(job, signal);
    while (told.kind === 'job') {
      const end = endOf(told.state);
      if (end) return end;
      furthest = Math.max(furthest, Math.min(told.state.progress ?? 0, 1));
      if (furthest > 0) job.report(furthest);
      told = await look(told.retryAfterMs);
    }
    if (told.kind === 'refused') return told.outcome;
  }
  return FORGOTTEN;
}

/** Waits for the right moment, then asks until there is an answer. */
function makeLook(
  { calls, alarm, clock, pollMs, callsBack }: Following,
  job: Job,
  signal: AbortSignal,
): (retryAfterMs: number) => Promise<Told> {
  const pace = makePace(pollMs, callsBack);
  return async (retryAfterMs) => {
    let askedMs = retryAfterMs;
    let silentSince: number | null = null;
    for (;;) {
      await alarm.wait(Math.max(pace(), Math.min(askedMs, MAX_RETRY_AFTER_MS)), signal);
      signal.throwIfAborted();
      try {
        return await calls.read(job.id, signal);
      } catch (error) {
        const now = clock.now();
        silentSince = isSilence(error) ? (silentSince ?? now) : null;
        askedMs = patienceWith(error, silentSince === null ? 0 : now - silentSince);
      }
    }
  };
}

/** Whether it is not even there: one that is only busy says so. */
function isSilence(error: unknown): boolean {
  return !(error instanceof Transient) || error.ill;
}

/** How long the provider asks to wait; throws the error when waiting is no use. */
function patienceWith(error: unknown, silentMs: number): number {
  const passing = error instanceof Transient || error instanceof BrokenCircuitError;
  if (!passing || silentMs > SILENT_FOR_MS) throw error;
  return error instanceof Transient ? error.retryAfterMs : 0;
}

/** The wait before each look, ever longer. */
function makePace(pollMs: number, callsBack: boolean): () => number {
  if (callsBack) return () => Math.max(pollMs, POLL_BESIDE_CALLBACKS_MS);
  let nextMs = pollMs;
  return () => {
    const ms = nextMs;
    nextMs = Math.max(pollMs, Math.min(ms * POLL_GROWTH, MAX_POLL_MS));
    return ms;
  };
}
