import type { IPolicy } from 'cockatiel';
import type { Clock } from '../../clock.js';
import type { Log } from '../../log.js';
import type { Job, Outcome } from '../../provider.js';
import { exchange, retryAfterMs, transientOf } from '../wire/exchange.js';
import type { Answer, Request } from '../wire/exchange.js';
import type { Resilience } from '../wire/resilience.js';
import type { Endpoint } from './endpoint.js';
import { MISCONFIGURED, refused } from './outcome.js';
import { creationOf, jobStateIn, refusalIn, requestFor, type JobState } from './protocol.js';

/** What the provider said to one question. `unknown`: it has no such job. */
export type Told =
  | { kind: 'job'; state: JobState; retryAfterMs: number }
  | { kind: 'refused'; outcome: Outcome }
  | { kind: 'unknown' };

/** The protocol's three calls. They throw `Transient`, `Unusable`, or that the circuit breaker is open. */
export interface Calls {
  /** Repeats until it is answered, or not worth it any more. The same id is the same job. */
  create(job: Job, signal: AbortSignal): Promise<Told>;
  /** Asks once. */
  read(id: string, signal: AbortSignal): Promise<Told>;
  /** Asks once to stop, and never rejects: a provider that missed it stops at the job's deadline. */
  callOff(id: string): Promise<void>;
}

export interface CallOptions {
  endpoint: Endpoint;
  resilience: Resilience;
  /** For one call. */
  attemptTimeoutMs: number;
  clock: Clock;
  log: Log;
}

const MAX_ANSWER_BYTES = 2 ** 20;
const CALL_OFF_WITHIN_MS = 5_000;
// Keys refused, paths that do not exist, redirects: no request will get through until the operator has looked.
const MISCONFIGURED_STATUSES = [401, 403, 404, 405, 501];
const UNKNOWN_STATUSES = [404, 410];

export function makeCalls(options: CallOptions): Calls {
  const { endpoint, resilience, clock, log } = options;

  async function ask(request: Request, policy: IPolicy, signal: AbortSignal): Promise<Answer> {
    const bounds = { timeoutMs: options.attemptTimeoutMs, maxBytes: MAX_ANSWER_BYTES };
    return policy.execute(async () => {
      const answer = await exchange(request, bounds, clock, signal);
      const transient = transientOf(answer, clock);
      if (transient) throw transient;
      return answer;
    }, signal);
  }

  function toldBy(answer: Answer, id: string): Told {
    const { status, headers, body } = answer;
    if (status >= 200 && status < 300) {
      return {
        kind: 'job',
        state: jobStateIn(body, id),
        retryAfterMs: retryAfterMs(headers, clock),
      };
    }
    const facts = { provider: endpoint.name, job: id, status };
    if (status < 400 || MISCONFIGURED_STATUSES.includes(status)) {
      log.error(facts, 'provider: misconfigured, check its url and key');
      return { kind: 'refused', outcome: MISCONFIGURED };
    }
    log.info(facts, 'provider: refused');
    return { kind: 'refused', outcome: refused(refusalIn(body), status, endpoint.key) };
  }

  return {
    async create(job, signal) {
      const policy = resilience.insist({ id: job.id, leftMs: () => job.deadlineAt - clock.now() });
      return toldBy(await ask(creationOf(job, endpoint), policy, signal), job.id);
    },
    async read(id, signal) {
      const answer = await ask(requestFor('GET', id, endpoint), resilience.once, signal);
      return UNKNOWN_STATUSES.includes(answer.status) ? { kind: 'unknown' } : toldBy(answer, id);
    },
    async callOff(id) {
      const bounds = { timeoutMs: CALL_OFF_WITHIN_MS, maxBytes: MAX_ANSWER_BYTES };
      const facts = { provider: endpoint.name, job: id };
      try {
        const request = requestFor('DELETE', id, endpoint);
        const { status } = await exchange(request, bounds, clock, new AbortController().signal);
        log.debug({ ...facts, status }, 'provider: called off');
      } catch (error) {
        log.info({ ...facts, why: whyOf(error) }, 'provider: could not be told to stop');
      }
    },
  };
}

/** For the log. */
export function whyOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown';
}
