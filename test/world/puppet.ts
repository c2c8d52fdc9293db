import type { Job, Outcome, ProducedFile, Provider } from '../../src/provider.js';

/** A provider whose every job ends when and how a test says. */
export interface Puppet extends Provider {
  /** Jobs dispatched so far, in order. */
  readonly jobs: readonly Job[];
  /** Ends a job, also after its signal was aborted. */
  end(id: string, outcome: Outcome): void;
  /** Ends every job from now on at once, this way; null: they wait for `end`. */
  always(outcome: Outcome | null): void;
}

export function makePuppet(): Puppet {
  const jobs: Job[] = [];
  const open = new Map<string, (outcome: Outcome) => void>();
  let standing: Outcome | null = null;
  return {
    name: 'sketch',
    jobs,
    dispatch(job) {
      jobs.push(job);
      if (standing) return Promise.resolve(standing);
      return new Promise((resolve) => open.set(job.id, resolve));
    },
    end(id, outcome) {
      const resolve = open.get(id);
      if (!resolve) throw new Error(`the provider has no open job ${id}`);
      resolve(outcome);
    },
    always(outcome) {
      standing = outcome;
    },
  };
}

// The smallest PNG there is: one transparent pixel.
const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';
const file: ProducedFile = { content: Buffer.from(PIXEL, 'base64') };

export const delivered = (count = 1): Outcome => ({
  kind: 'delivered',
  files: Array.from({ length: count }, () => file),
});

export const failed: Outcome = {
  kind: 'failed',
  failure: { code: 'PROVIDER_FAILED', message: 'It broke.', retryable: true },
};

export const blocked: Outcome = {
  kind: 'blocked',
  failure: { code: 'BLOCKED', message: 'Moderation said no.', retryable: false },
};
