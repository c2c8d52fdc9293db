import { v7 } from 'uuid';
import { Problem } from './client.js';
import { newJob } from './job.js';
import { create, type Check, type Probe } from './probe.js';

/** What the provider must not do. */
export const REFUSALS: readonly Check[] = [
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
