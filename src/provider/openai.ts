import { BrokenCircuitError } from 'cockatiel';
import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import type { Provider } from '../provider.js';
import { whyOf } from './openai/ask.js';
import type { Line } from './openai/ask.js';
import { check, mediumOf } from './openai/check.js';
import { baseOf } from './openai/endpoint.js';
import type { Endpoint } from './openai/endpoint.js';
import { makePictures } from './openai/pictures.js';
import { failed } from './openai/refusal.js';
import { speak } from './openai/speech.js';
import { Unusable } from './wire/exchange.js';
import { DEFAULT_PATIENCE, Transient, makeResilience } from './wire/resilience.js';
import type { Patience } from './wire/resilience.js';
import { untilAborted } from './wire/until-aborted.js';

export interface OpenAiOptions extends Endpoint {
  clock: Clock;
  log: Log;
  /** For one call; a job may make several within its deadline. */
  attemptTimeoutMs?: number;
  patience?: Partial<Patience>;
}

// Pictures of high quality take up to two minutes.
const ATTEMPT_TIMEOUT_MS = 120_000;

/**
 * Any service that speaks OpenAI's API: pictures (`images/generations`; `images/edits` where there are inputs) and speech
 * (`audio/speech`), each where a model is named for it. `settings.size`, `.quality` and `.format`, for speech `.voice`,
 * `.format` and `.speed`, are passed on, nothing else is. Throws at once when url, key or models cannot be right. Neither
 * prompts nor the key are logged.
 */
export function makeOpenAi(options: OpenAiOptions): Provider {
  const { name, clock, log } = options;
  const base = baseOf(options);
  const patience = { ...DEFAULT_PATIENCE, ...options.patience };
  const timeoutMs = options.attemptTimeoutMs ?? ATTEMPT_TIMEOUT_MS;
  const makeLine = (): Line => {
    const resilience = makeResilience(patience, name, log);
    return { endpoint: options, base, resilience, timeoutMs, clock, log };
  };
  const [pictures, speech] = [makeLine(), makeLine()];
  return {
    name,
    check: (request) => check(request, options),
    async dispatch(job, signal) {
      signal.throwIfAborted();
      const problem = check(job, options);
      if (problem !== null) return failed(problem, false);
      try {
        const run =
          mediumOf(job, options) === 'pictures'
            ? makePictures(pictures, job, signal)
            : speak(speech, job, signal);
        return await untilAborted(run, signal);
      } catch (error) {
        signal.throwIfAborted();
        const message = messageOf(error);
        if (message === null) throw error;
        log.warn({ provider: name, job: job.id, why: whyOf(error) }, 'provider: gave up');
        return failed(message, true);
      }
    },
  };
}

/** In words for the person; null for a fault of our own. */
function messageOf(error: unknown): string | null {
  if (error instanceof BrokenCircuitError) {
    return 'The provider is not available now. Try again in a few minutes.';
  }
  if (error instanceof Transient) {
    return 'The provider is busy or does not answer, also after some repeats. Try again later.';
  }
  if (error instanceof Unusable) return 'The provider sent an answer of no use. Try again.';
  return null;
}
