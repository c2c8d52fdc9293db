import type { Failure } from '../domain/generation.js';
import type { Job, Outcome, Provider, ProviderRequest } from '../provider.js';
import { checkCrop, crop } from './builtin/crop.js';
import { checkEnhance, enhance } from './builtin/enhance.js';
import { Unusable } from './builtin/unusable.js';
import { handwork } from './handwork.js';

/** One thing that is done here and now: without a network, without anybody else. */
interface Task {
  check(request: ProviderRequest): string | null;
  run(job: Job): Promise<Uint8Array>;
}

const CROP: Task = { check: checkCrop, run: crop };
const ENHANCE: Task = { check: checkEnhance, run: enhance };

/** Serves the actions that need no model: cropping a picture (kind `image`), enhancing a prompt (kind `prompt`). */
export function makeBuiltin(): Provider {
  return {
    name: 'builtin',
    check: (request) => {
      const task = taskOf(request);
      return typeof task === 'string' ? task : null;
    },
    async dispatch(job, signal) {
      signal.throwIfAborted();
      const task = taskOf(job);
      if (typeof task === 'string') return failed(task);
      try {
        const content = await handwork.execute(() => task.run(job), signal);
        signal.throwIfAborted();
        return { kind: 'delivered', files: [{ content }] };
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof Unusable) return failed(error.message);
        throw error;
      }
    },
  };
}

/** What does it; a string says what is wrong with the request. */
function taskOf(request: ProviderRequest): Task | string {
  const { kind, action, outputCount } = request;
  const isCrop = kind === 'image';
  if (!isCrop && kind !== 'prompt') {
    return `The provider "builtin" crops images and enhances prompts; ${action} needs another provider.`;
  }
  if (outputCount !== 1) return `${action} makes one output: set outputCount to 1.`;
  const task = isCrop ? CROP : ENHANCE;
  return task.check(request) ?? task;
}

function failed(message: string): Outcome {
  const failure: Failure = { code: 'PROVIDER_FAILED', message, retryable: false };
  return { kind: 'failed', failure };
}
