import { v7 } from 'uuid';
import { z } from 'zod';
import { Problem, type Reply } from './client.js';

const END_STATUSES = ['succeeded', 'failed', 'blocked', 'cancelled'] as const;
const STATUSES = ['queued', 'running', ...END_STATUSES] as const;

/** Stricter than the gateway, which reads what is odd but harmless as if it were absent. */
const jobState = z.object({
  id: z.string(),
  status: z.enum(STATUSES),
  progress: z.number().min(0).max(1).nullish(),
  outputs: z.array(z.object({ url: z.string() })).nullish(),
  error: z.object({ message: z.string(), retryable: z.boolean().nullish() }).nullish(),
});
export type JobState = z.infer<typeof jobState>;

export function hasEnded({ status }: JobState): boolean {
  return (END_STATUSES as readonly string[]).includes(status);
}

/** The body of a new job, with an id never used before. */
export function newJob(action: string, changes: object = {}) {
  const [kind = ''] = action.split('.');
  return {
    id: v7(),
    action,
    kind,
    prompt: 'A lighthouse on a cliff at dawn.',
    settings: null,
    outputCount: 2,
    inputs: [],
    deadlineAt: new Date(Date.now() + 10 * 60_000).toISOString(),
    ...changes,
  };
}
export type NewJob = ReturnType<typeof newJob>;

/** Reads a job out of a successful answer. Throws `Problem` that says what is wrong with it. */
export function jobIn(reply: Reply, what: string, id: string): JobState {
  if (reply.status === 401) throw new Problem(`${what} answered 401. Is --key the right one?`);
  if (reply.status < 200 || reply.status > 202) {
    throw new Problem(`${what} answered ${reply.status}. Answer 200, 201 or 202 with the job.`);
  }
  const state = jobState.safeParse(jsonIn(reply.text, what));
  if (!state.success) {
    const [issue] = state.error.issues;
    const place = issue && issue.path.length > 0 ? issue.path.join('.') : 'the answer';
    throw new Problem(`${what}: ${place} is wrong (${issue?.message ?? ''}). Answer a whole job.`);
  }
  if (state.data.id !== id) {
    throw new Problem(`${what} answered job ${state.data.id}. Keep the id of the request, ${id}.`);
  }
  return state.data;
}

function jsonIn(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem(`${what} did not answer JSON. Answer the job as a JSON object.`);
  }
}
