import { BrokenCircuitError } from 'cockatiel';
import type { Failure } from '../../domain/generation.js';
import type { Outcome, ProducedFile } from '../../provider.js';
import { Unusable } from '../wire/exchange.js';
import { Transient } from '../wire/resilience.js';
import type { JobState } from './protocol.js';

/** The end that a job's state means; null while it has none. `files` makes those outputs that may be fetched. */
export function outcomeOf(
  state: JobState,
  files: (state: JobState) => ProducedFile[],
  secret: string,
): Outcome | null {
  const { message, retryable } = state.error ?? {};
  switch (state.status) {
    case 'queued':
    case 'running':
      return null;
    case 'succeeded': {
      const delivered = files(state);
      return delivered.length > 0
        ? { kind: 'delivered', files: delivered }
        : failed('The provider sent no file that could be fetched. Try again.', true);
    }
    case 'failed':
      return failed(
        wordsOf(message, secret) ?? 'The provider could not make it. Try again.',
        retryable ?? true,
      );
    case 'cancelled':
      return failed('The provider called it off. Try again.', true);
    case 'blocked': {
      const words =
        wordsOf(message, secret) ?? 'The provider does not make this. Change the prompt.';
      return { kind: 'blocked', failure: { code: 'BLOCKED', message: words, retryable: false } };
    }
  }
}

/** A refusal of the request as it is: repeating it does not help. */
export function refused(message: string | null, status: number, secret: string): Outcome {
  const fallback = `The provider refused this request (status ${status}). Change the prompt or the settings.`;
  return failed(wordsOf(message, secret) ?? fallback, false);
}

export const MISCONFIGURED: Outcome = failed(
  'The provider is misconfigured here. The operator has to mend it; please tell Support.',
  false,
);

export const FORGOTTEN: Outcome = failed('The provider lost it. Try again.', true);

/** What giving up means, in words for the person; null for a fault of our own. */
export function outcomeOfError(error: unknown): Outcome | null {
  if (error instanceof BrokenCircuitError) {
    return failed('The provider is not available now. Try again in a few minutes.', true);
  }
  if (error instanceof Transient) {
    return failed(
      'The provider is busy or does not answer, also after some repeats. Try again later.',
      true,
    );
  }
  if (error instanceof Unusable) {
    return failed('The provider sent an answer of no use. Try again.', true);
  }
  return null;
}

function failed(message: string, retryable: boolean): Outcome {
  const failure: Failure = { code: 'PROVIDER_FAILED', message, retryable };
  return { kind: 'failed', failure };
}

const MAX_WORDS = 500;

/**
 * The provider's own words as they may be shown: one line of at most 500 characters, without links (they may be signed) and
 * without characters that turn the direction of writing; null when there are none, or when they quote the key.
 */
function wordsOf(message: string | null | undefined, secret: string): string | null {
  // What is beyond cannot matter, however much there is of it.
  const text = (message ?? '').slice(0, 16 * MAX_WORDS);
  if (text.includes(secret)) return null;
  const words = text
    .replaceAll(/\bhttps?:\/\/\S+/gi, '[link]')
    .replaceAll(/[\p{Cc}\p{Cs}\s\u202a-\u202e\u2066-\u2069]+/gu, ' ')
    .trim();
  const characters = Array.from(words);
  if (characters.length > MAX_WORDS) return `${characters.slice(0, MAX_WORDS - 1).join('')}…`;
  return words === '' ? null : words;
}
