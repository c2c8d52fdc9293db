import sharp from 'sharp';
import type { Clock } from '../clock.js';
import type { Failure } from '../domain/generation.js';
import type { Job, Outcome, ProducedFile, Provider } from '../provider.js';
import { seedOf } from './sketch/random.js';
import { sceneOf } from './sketch/scene.js';
import { readSettings } from './sketch/settings.js';
import type { SketchSettings } from './sketch/settings.js';

/**
 * The built-in provider: draws a landscape of its own from the prompt, with no network and no fonts. The same prompt and
 * seed draw the same pictures. `settings.sketch` (outcome, delayMs, seed) and `settings.size` are obeyed; see `readSettings`.
 */
export function makeSketch(options: { clock: Clock }): Provider {
  return {
    name: 'sketch',
    check: (content) => {
      const settings = readSettings(content.settings);
      return typeof settings === 'string' ? settings : null;
    },
    async dispatch(job, signal) {
      signal.throwIfAborted();
      const settings = readSettings(job.settings);
      if (typeof settings === 'string') return failed(settings, false);
      const wait = settings.outcome === 'hang' ? null : settings.delayMs;
      if (wait !== 0) await waited(options.clock, wait, signal);
      return finish(job, settings, signal);
    },
  };
}

async function finish(job: Job, settings: SketchSettings, signal: AbortSignal): Promise<Outcome> {
  switch (settings.outcome) {
    case 'fail':
      return failed('The sketch failed, as settings.sketch.outcome asked. Try again.', true);
    case 'block':
      return { kind: 'blocked', failure: BLOCKED };
    case 'partial':
      return draw(job, settings, Math.ceil(job.outputCount / 2), signal);
    default:
      return draw(job, settings, job.outputCount, signal);
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
async function draw(
  job: Job,
  { seed, size }: SketchSettings,
  count: number,
  signal: AbortSignal,
): Promise<Outcome> {
  const prompt = job.prompt ?? '';
  const files: ProducedFile[] = [];
  for (let index = 0; index < count; index += 1) {
    const svg = sceneOf(prompt, seed ?? seedOf(prompt), index, size);
    const bytes = await sharp(Buffer.from(svg)).removeAlpha().png().toBuffer();
    signal.throwIfAborted();
    files.push({ bytes, contentType: 'image/png', ...size, durationMs: null });
  }
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
