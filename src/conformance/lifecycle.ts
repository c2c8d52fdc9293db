import { v7 } from 'uuid';
import { Problem } from './client.js';
import { jobIn, newJob } from './job.js';
import { checkOutputs } from './outputs.js';
import { create, expectCreated, expectEnded, followed, Skipped } from './probe.js';
import type { Check, Probe } from './probe.js';

const CALLBACK_WITHIN_MS = 10_000;
const CANCELLED_WITHIN_MS = 30_000;
// The longest prompt that the gateway takes.
const LONG_PROMPT = 'A very long story. '.repeat(1_000).slice(0, 16_000);

/** What becomes of a job, from its creation on. */
export const LIFECYCLE: readonly Check[] = [
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
      const withinMs = Math.min(probe.withinMs, CALLBACK_WITHIN_MS);
      await probe.receiver.expectAbout(expectEnded(probe).id, withinMs);
    },
  },
  {
    name: 'cancel',
    says: 'DELETE /jobs/{id} ends a job, again and again, also one that is unknown',
    run: checkCancel,
  },
];

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
