import { setTimeout as sleep } from 'node:timers/promises';
import { v7 } from 'uuid';
import { bytesOf, fetched, Problem, type Client } from './client.js';
import { hasEnded, jobIn, newJob, type JobState, type NewJob } from './job.js';
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
const MAX_OUTPUT_BYTES = 512 * 2 ** 20;
const OUTPUT_WITHIN_MS = 10 * 60_000;
const CALLBACK_WITHIN_MS = 10_000;
const CANCELLED_WITHIN_MS = 30_000;
// The longest prompt that the gateway takes.
const LONG_PROMPT = 'A very long story. '.repeat(1_000).slice(0, 16_000);

export const CHECKS: readonly Check[] = [
  {
    name: 'create',
    says: 'POST /jobs answers the job',
    async run(probe) {
      jobIn(await create(probe, probe.job), 'POST /jobs', probe.job.id);
      probe.created = true;
    },
  },
  {
    name: 'create again',
    says: 'the same id, twice at once, is the same job',
    async run(probe) {
      expectCreated(probe);
      const replies = await Promise.all([create(probe, probe.job), create(probe, probe.job)]);
      for (const reply of replies) jobIn(reply, 'POST /jobs with the same id', probe.job.id);
    },
  },
  {
    name: 'end',
    says: 'GET /jobs/{id} tells its progress from 0 to 1 and its success',
    async run(probe) {
      expectCreated(probe);
      const state = await followed(probe, probe.job.id, probe.withinMs);
      if (state.status !== 'succeeded') {
        const why = state.error ? `: ${state.error.message}` : '';
        throw new Problem(
          `The job ended as ${state.status}${why}. Name an action that your provider serves, with --action.`,
        );
      }
      probe.ended = state;
    },
  },
  {
    name: 'outputs',
    says: 'it has outputs, no more than were asked for, and they can be fetched',
    run: checkOutputs,
  },
  {
    name: 'create after the end',
    says: 'the same id still is the same job, which has ended',
    async run(probe) {
      const { id } = expectEnded(probe);
      const what = 'POST /jobs with the id of a job that has ended';
      const { status } = jobIn(await create(probe, probe.job), what, id);
      if (status !== 'succeeded') {
        throw new Problem(`${what} answered ${status}. Answer the job as it is; never begin anew.`);
      }
    },
  },
  {
    name: 'callback',
    says: 'it called back, rightly signed',
    async run(probe) {
      if (!probe.receiver) throw new Skipped('give --callback-secret to check callbacks');
      await probe.receiver.expectAbout(expectEnded(probe).id, CALLBACK_WITHIN_MS);
    },
  },
  {
    name: 'cancel',
    says: 'DELETE /jobs/{id} ends a job, again and again, also one that is unknown',
    run: checkCancel,
  },
  {
    name: 'unknown job',
    says: 'GET answers 404 to an id that was never created',
    async run(probe) {
      const { status } = await probe.ask({ method: 'GET', path: `/jobs/${v7()}` });
      if (status !== 404) {
        throw new Problem(`GET of an unknown id answered ${status}. Answer 404.`);
      }
      probe.knowsUnknown = true;
    },
  },
  {
    name: 'wrong key',
    says: 'a wrong key gets 401 and makes no job',
    run: checkWrongKey,
  },
  {
    name: 'malformed body',
    says: 'a body that is no job gets 400 or 422',
    async run({ ask }) {
      for (const body of ['{"id":', '[]', '{}']) {
        const { status } = await ask({ method: 'POST', path: '/jobs', body });
        if (status !== 400 && status !== 422) {
          throw new Problem(
            `POST /jobs with the body ${body} answered ${status}. Answer 400 or 422: other statuses are repeated, or taken for a wrong address or key.`,
          );
        }
      }
    },
  },
];

function create({ ask }: Probe, job: NewJob, key?: string) {
  const headers = { 'idempotency-key': job.id };
  const asking = { method: 'POST', path: '/jobs', body: JSON.stringify(job), headers } as const;
  return ask(key === undefined ? asking : { ...asking, key });
}

/** Looks at a job until it has ended. */
async function followed({ ask }: Probe, id: string, withinMs: number): Promise<JobState> {
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

async function checkOutputs(probe: Probe): Promise<void> {
  const { outputs } = expectEnded(probe);
  if (!outputs || outputs.length === 0) {
    throw new Problem('It succeeded without outputs. Say failed when nothing was made.');
  }
  if (outputs.length > probe.job.outputCount) {
    throw new Problem(
      `${probe.job.outputCount} outputs were asked for, ${outputs.length} came: what is too much is thrown away. See outputCount.`,
    );
  }
  for (const { url } of outputs) await fetchOutput(probe, url);
}

async function fetchOutput({ url: base, key, outputOrigins }: Probe, url: string): Promise<void> {
  const own = new URL(base).origin;
  if (!URL.canParse(url, own)) throw new Problem(`The output's url ${url} is no address.`);
  const { href, origin } = new URL(url, own);
  if (origin !== own && !outputOrigins.includes(origin)) {
    throw new Problem(
      `An output lies at ${origin}. Serve it from ${own}, or have ${origin} listed (here: --output-origin).`,
    );
  }
  const headers: Record<string, string> = origin === own ? { authorization: `Bearer ${key}` } : {};
  const what = 'GET of an output';
  const response = await fetched(href, what, { headers }, OUTPUT_WITHIN_MS);
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Problem(
      `${what} answered ${response.status}. Answer 200 with the file; redirects are not followed.`,
    );
  }
  const bytes = await bytesOf(response, what, MAX_OUTPUT_BYTES);
  if (bytes === 0) throw new Problem(`${what} answered no bytes.`);
  if (bytes > MAX_OUTPUT_BYTES) throw new Problem(`${what} answered more than 512 MiB.`);
}

async function checkCancel(probe: Probe): Promise<void> {
  expectCreated(probe);
  const job = newJob(probe.action, { prompt: LONG_PROMPT, outputCount: 1 });
  jobIn(await create(probe, job), 'POST /jobs with a prompt of 16,000 characters', job.id);
  for (const id of [job.id, job.id, v7()]) {
    const { status } = await probe.ask({ method: 'DELETE', path: `/jobs/${id}` });
    const fine = (status >= 200 && status < 300) || [404, 409, 410].includes(status);
    if (!fine) throw new Problem(`DELETE /jobs/{id} answered ${status}. Answer 204, or 404.`);
  }
  const { status } = await probe.ask({ method: 'GET', path: `/jobs/${job.id}` });
  if (status !== 404 && status !== 410) await followed(probe, job.id, CANCELLED_WITHIN_MS);
}

async function checkWrongKey(probe: Probe): Promise<void> {
  const key = `${probe.key}-wrong`;
  const job = newJob(probe.action, { outputCount: 1 });
  const path = `/jobs/${job.id}`;
  const replies = [
    await create(probe, job, key),
    await probe.ask({ method: 'GET', path, key }),
    await probe.ask({ method: 'DELETE', path, key }),
  ];
  const wrong = replies.find(({ status }) => status !== 401);
  if (wrong) {
    throw new Problem(
      `A wrong key was answered with ${wrong.status}. Answer 401 to all three calls.`,
    );
  }
  const { status } = await probe.ask({ method: 'GET', path });
  if (probe.knowsUnknown && status !== 404)
    throw new Problem('A wrong key made a job. Look at the key before anything.');
}

function expectCreated({ created }: Probe): void {
  if (!created) throw new Skipped('no job could be created');
}

function expectEnded({ ended }: Probe): JobState {
  if (!ended) throw new Skipped('no job has succeeded');
  return ended;
}
