import { BrokenCircuitError } from 'cockatiel';
import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import type { Job, Outcome, ProducedFile, Provider } from '../provider.js';
import { Unusable, exchange, transientOf } from './openai/exchange.js';
import type { Bounds } from './openai/exchange.js';
import { MAX_IMAGE_BYTES, imageOf, itemsOf } from './openai/images.js';
import type { Item } from './openai/images.js';
import { verdictOf } from './openai/refusal.js';
import type { Refusal } from './openai/refusal.js';
import { addressOf, check, downloadOf, requestOf } from './openai/request.js';
import type { Endpoint } from './openai/request.js';
import { DEFAULT_PATIENCE, Transient, makeResilience } from './openai/resilience.js';
import type { Insisting, Patience, Resilience } from './openai/resilience.js';

export interface OpenAiOptions extends Endpoint {
  clock: Clock;
  log: Log;
  /** For one call; a job may make several within its deadline. */
  attemptTimeoutMs?: number;
  patience?: Partial<Patience>;
}

// Pictures of high quality take up to two minutes.
const ATTEMPT_TIMEOUT_MS = 120_000;
// 8 pictures of 6 MB in base64: generous for any present model.
const MAX_ANSWER_BYTES = 64 * 2 ** 20;

interface Connection {
  options: OpenAiOptions;
  address: URL;
  resilience: Resilience;
  timeoutMs: number;
}

/**
 * Any service that speaks OpenAI's images API (`POST {url}/images/generations`). `settings.size` and `settings.quality` are
 * passed on, nothing else is. Throws at once when url, key or model cannot be right. Neither prompts nor the key are logged.
 */
export function makeOpenAiImages(options: OpenAiOptions): Provider {
  const connection: Connection = {
    options,
    address: addressOf(options),
    resilience: makeResilience({ ...DEFAULT_PATIENCE, ...options.patience }, options.log),
    timeoutMs: options.attemptTimeoutMs ?? ATTEMPT_TIMEOUT_MS,
  };
  return {
    name: 'openai',
    check,
    async dispatch(job, signal) {
      signal.throwIfAborted();
      const problem = check(job);
      if (problem !== null) return failed(problem, false);
      try {
        return await untilAborted(run(connection, job, signal), signal);
      } catch (error) {
        signal.throwIfAborted();
        const message = messageOf(error);
        if (message === null) throw error;
        options.log.warn({ job: job.id, why: whyOf(error) }, 'image provider: gave up');
        return failed(message, true);
      }
    },
  };
}

async function run(connection: Connection, job: Job, signal: AbortSignal): Promise<Outcome> {
  const { log } = connection.options;
  const answer = await ask(connection, job, signal);
  if ('failure' in answer) return { kind: answer.kind, failure: answer.failure };
  const items = answer.items.slice(0, job.outputCount);
  const files = await Promise.all(items.map((item) => fetchItem(connection, job, item, signal)));
  const delivered = files.filter((file) => file !== null);
  if (delivered.length < job.outputCount) {
    const facts = { asked: job.outputCount, answered: items.length, delivered: delivered.length };
    log.warn({ job: job.id, ...facts }, 'image provider: fewer pictures than asked for');
  }
  if (delivered.length > 0) return { kind: 'delivered', files: delivered };
  return failed('The image provider sent no usable picture. Try again.', true);
}

/** Asks until the answer is final. */
async function ask(
  { options, address, resilience, timeoutMs }: Connection,
  job: Job,
  signal: AbortSignal,
): Promise<Refusal | { items: Item[] }> {
  const { clock, log } = options;
  const request = requestOf(job, address, options);
  const bounds: Bounds = { timeoutMs, maxBytes: MAX_ANSWER_BYTES };
  const { answer, verdict } = await resilience.insist(insisting(job, clock)).execute(async () => {
    const answer = await exchange(request, bounds, clock, signal);
    const verdict = verdictOf(answer, clock);
    if (verdict instanceof Transient) throw verdict;
    return { answer, verdict };
  }, signal);
  if (!verdict) return { items: itemsOf(answer.body) };
  const facts = { job: job.id, status: answer.status, code: verdict.code };
  if (verdict.misconfigured) {
    log.error(facts, 'image provider: misconfigured, check its url, key, model and credit');
  } else log.info(facts, 'image provider: refused');
  return verdict;
}

/** Null for a picture that cannot be had: the others still count. */
async function fetchItem(
  { options, address, resilience, timeoutMs }: Connection,
  job: Job,
  item: Item,
  signal: AbortSignal,
): Promise<ProducedFile | null> {
  if ('bytes' in item) return imageOf(item.bytes);
  const request = downloadOf(item.url, address);
  if (!request) return null;
  const { clock } = options;
  const bounds: Bounds = { timeoutMs, maxBytes: MAX_IMAGE_BYTES };
  try {
    const answer = await resilience.repeat(insisting(job, clock)).execute(async () => {
      const answer = await exchange(request, bounds, clock, signal);
      const transient = transientOf(answer, clock);
      if (transient) throw transient;
      return answer;
    }, signal);
    return answer.status === 200 ? await imageOf(answer.body) : null;
  } catch (error) {
    if (error instanceof Transient || error instanceof Unusable) return null;
    throw error;
  }
}

function insisting(job: Job, clock: Clock): Insisting {
  return { id: job.id, leftMs: () => job.deadlineAt - clock.now() };
}

/** In words for the person; null for a fault of our own. */
function messageOf(error: unknown): string | null {
  if (error instanceof BrokenCircuitError) {
    return 'The image provider is not available now. Try again in a few minutes.';
  }
  if (error instanceof Transient) {
    return 'The image provider is busy or does not answer, also after some repeats. Try again later.';
  }
  if (error instanceof Unusable) return 'The image provider sent an answer of no use. Try again.';
  return null;
}

function whyOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown';
}

function failed(message: string, retryable: boolean): Outcome {
  return { kind: 'failed', failure: { code: 'PROVIDER_FAILED', message, retryable } };
}

/** The work's end, or the signal's reason as soon as it aborts: waits between repeats cannot be cut short. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', abort, { once: true });
    work
      .finally(() => {
        signal.removeEventListener('abort', abort);
      })
      .then(resolve, reject);
  });
}
