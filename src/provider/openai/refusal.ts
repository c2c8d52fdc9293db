import { z } from 'zod';
import type { Clock } from '../../clock.js';
import type { Failure } from '../../domain/generation.js';
import type { Outcome } from '../../provider.js';
import { transientOf } from '../wire/exchange.js';
import type { Answer } from '../wire/exchange.js';
import type { Transient } from '../wire/resilience.js';

/** Why the provider will not do it. `misconfigured` is the operator's to mend, and worth an error in the log. */
export interface Refusal {
  kind: 'blocked' | 'failed';
  failure: Failure;
  misconfigured: boolean;
  /** The provider's own word for it, if it is one word: safe to log and to show. */
  code: string | null;
}

const errorBody = z.object({
  error: z.object({
    code: z.string().nullish(),
    type: z.string().nullish(),
    param: z.string().nullish(),
    message: z.string().nullish(),
  }),
});
type ErrorFacts = z.infer<typeof errorBody>['error'];

const BLOCKED_CODES = ['moderation_blocked', 'content_policy_violation', 'content_filter'];
const OUT_OF_CREDIT_CODES = ['insufficient_quota', 'billing_hard_limit_reached'];
// Keys refused, paths or models that do not exist, redirects: no request will get through until the operator has looked.
const MISCONFIGURED_STATUSES = [401, 403, 404, 405];

/**
 * What an answer that is not a success means; null for a success. What the provider says in words it has agreed on counts
 * before the status. Its own message is never passed on: it may quote the prompt, the key or an address.
 */
export function verdictOf(answer: Answer, clock: Clock): Refusal | Transient | null {
  const { status, body } = answer;
  if (status >= 200 && status < 300) return null;
  const facts = factsOf(body);
  const code = word(facts.code);
  if (isBlocked(facts)) return { kind: 'blocked', failure: BLOCKED, misconfigured: false, code };
  const misconfigured: Refusal = {
    kind: 'failed',
    failure: MISCONFIGURED,
    misconfigured: true,
    code,
  };
  if (OUT_OF_CREDIT_CODES.includes(facts.code ?? '')) return misconfigured;
  const transient = transientOf(answer, clock);
  if (transient) return transient;
  if (status < 400 || MISCONFIGURED_STATUSES.includes(status)) return misconfigured;
  return {
    kind: 'failed',
    failure: refused(status, code, word(facts.param)),
    misconfigured: false,
    code,
  };
}

export function failed(message: string, retryable: boolean): Outcome {
  return { kind: 'failed', failure: { code: 'PROVIDER_FAILED', message, retryable } };
}

function refused(status: number, code: string | null, param: string | null): Failure {
  const about = [code ?? `status ${status}`, ...(param ? [`about ${param}`] : [])].join(', ');
  const message = `The provider refused this request (${about}). Change the prompt or the settings.`;
  return { code: 'PROVIDER_FAILED', message, retryable: false };
}

const BLOCKED: Failure = {
  code: 'BLOCKED',
  message: "The provider's safety system blocked this request. Change the prompt.",
  retryable: false,
};

const MISCONFIGURED: Failure = {
  code: 'PROVIDER_FAILED',
  message: 'The provider is misconfigured here. The operator has to mend it; please tell Support.',
  retryable: false,
};

function isBlocked({ code, type, message }: ErrorFacts): boolean {
  const unsafe = /safety|moderation|content policy/i.test(message ?? '');
  return BLOCKED_CODES.includes(code ?? '') || (type === 'image_generation_user_error' && unsafe);
}

function factsOf(body: Buffer): ErrorFacts {
  try {
    return errorBody.parse(JSON.parse(body.toString('utf8'))).error;
  } catch {
    // An error page in another shape: the status alone has to do.
    return {};
  }
}

function word(text: string | null | undefined): string | null {
  return text && /^[a-z_]{1,40}$/.test(text) ? text : null;
}
