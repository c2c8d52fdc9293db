import type { Clock } from '../clock.js';
import type { Failure } from '../domain/generation.js';
import type { Job, Outcome, ProducedFile, Provider, ProviderRequest } from '../provider.js';
import { handwork } from './handwork.js';
import { mediumOf } from './sketch/media.js';
import { Unreadable } from './sketch/medium.js';
import type { Medium } from './sketch/medium.js';
import { readSettings } from './sketch/settings.js';
import type { SketchSettings } from './sketch/settings.js';

/**
 * The built-in provider: makes pictures, animations and melodies of its own, with no network and no fonts. The same prompt,
 * seed and inputs give the same files. `settings.sketch` (outcome, delayMs, seed), `settings.size`, `format` and `durationMs`
 * are obeyed; see `readSettings`.
 */
export function makeSketch(options: { clock: Clock }): Provider {
  return {
    name: 'sketch',
    check: (request) => {
      const order = orderOf(request);
      return typeof order === 'string' ? order : null;
    },
    async dispatch(job, signal) {
      signal.throwIfAborted();
      const order = orderOf(job);
      if (typeof order === 'string') return failed(order, false);
      const { outcome, delayMs } = order.settings;
      const wait = outcome === 'hang' ? null : delayMs;
      if (wait !== 0) await waited(options.clock, wait, signal);
      return finish(job, order, signal);
    },
  };
}

interface Order {
  medium: Medium;
  settings: SketchSettings;
}

/** What is to be made; a string says what is wrong with the request. */
function orderOf(request: ProviderRequest): Order | string {
  const medium = mediumOf(request);
  if (typeof medium === 'string') return medium;
  const settings = readSettings(request.settings, medium);
  if (typeof settings === 'string') return settings;
  return medium.check(request) ?? { medium, settings };
}

async function finish(job: Job, order: Order, signal: AbortSignal): Promise<Outcome> {
  switch (order.settings.outcome) {
    case 'fail':
      return failed('The sketch failed, as settings.sketch.outcome asked. Try again.', true);
    case 'block':
      return { kind: 'blocked', failure: BLOCKED };
    case 'partial':
      return make(job, order, Math.ceil(job.outputCount / 2), signal);
    default:
      return make(job, order, job.outputCount, signal);
  }
}

const BLOCKED: Failure = {
  code: 'BLOCKED',
  message: 'The sketch was blocked, as settings.sketch.outcome asked. Change the request.',
  retryable: false,
};

function failed(message: string, retryable: boolean): Outcome {
  return { kind: 'failed', failure: { code: 'PROVIDER_FAILED', message, retryable } };
}

/** One after the other, so that a big job leaves the machine's cores to others and an abort is noticed in between. */
async function make(
  job: Job,
  { medium, settings }: Order,
  count: number,
  signal: AbortSignal,
): Promise<Outcome> {
  const files: ProducedFile[] = [];
  try {
    const maker = await handwork.execute(() => medium.begin(job, settings), signal);
    for (let index = 0; index < count; index += 1) {
      signal.throwIfAborted();
      files.push({ content: await handwork.execute(() => maker(index), signal) });
      job.report((index + 1) / count);
    }
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Unreadable) return failed(error.message, false);
    throw error;
  }
  signal.throwIfAborted();
  return { kind: 'delivered', files };
}

/** Waits `delayMs` (null: for ever), or rejects with the signal's reason as soon as it aborts. */
function waited(clock: Clock, delayMs: number | null, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel =
      delayMs === null
        ? undefined
        : clock.after(delayMs, () => {
            signal.removeEventListener('abort', abort);
            resolve();
          });
    const abort = (): void => {
      cancel?.();
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', abort, { once: true });
  });
}
