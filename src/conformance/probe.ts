import { setTimeout as sleep } from 'node:timers/promises';
import { Problem, type Client, type Reply } from './client.js';
import { hasEnded, jobIn, type JobState, type NewJob } from './job.js';
import type { Receiver } from './receiver.js';

/** What one run of the checks shares. */
export interface Probe {
  ask: Client;
  url: string;
  key: string;
  action: string;
  outputOrigins: readonly string[];
  withinMs: number;
  receiver: Receiver | null;
  /** The job that is followed to its end. */
  job: NewJob;
  created: boolean;
  ended: JobState | null;
  /** Whether an id that was never created gets 404. */
  knowsUnknown: boolean;
}

/** Not checked, because of something else. */
export class Skipped extends Error {
  override readonly name = 'Skipped';
}

export interface Check {
  name: string;
  /** What holds when it passes. */
  says: string;
  /** Throws `Problem` when it does not hold. */
  run: (probe: Probe) => Promise<void>;
}

const MIN_POLL_MS = 100;
const MAX_POLL_MS = 2_000;
const POLL_GROWTH = 1.5;

/** `POST /jobs`, with another key than the right one if given. */
export function create({ ask }: Probe, job: NewJob, key?: string): Promise<Reply> {
  const headers = { 'idempotency-key': job.id };
  const asking = { method: 'POST', path: '/jobs', body: JSON.stringify(job), headers } as const;
  return ask(key === undefined ? asking : { ...asking, key });
}

/** Looks at a job until it has ended. */
export async function followed({ ask }: Probe, id: string, withinMs: number): Promise<JobState> {
  const giveUpAt = Date.now() + withinMs;
  for (let waitMs = MIN_POLL_MS; ; waitMs = Math.min(waitMs * POLL_GROWTH, MAX_POLL_MS)) {
    const state = jobIn(await ask({ method: 'GET', path: `/jobs/${id}` }), 'GET /jobs/{id}', id);
    if (hasEnded(state)) return state;
    if (Date.now() > giveUpAt) {
      const seconds = Math.round(withinMs / 1_000);
      throw new Problem(`The job was still ${state.status} after ${seconds} s. See --within.`);
    }
    await sleep(waitMs);
  }
}

export function expectCreated({ created }: Probe): void {
  if (!created) throw new Skipped('no job could be created');
}

export function expectEnded({ ended }: Probe): JobState {
  if (!ended) throw new Skipped('no job has succeeded');
  return ended;
}
