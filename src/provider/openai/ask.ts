import type { Clock } from '../../clock.js';
import type { Log } from '../../log.js';
import type { Job } from '../../provider.js';
import { exchange, transientOf, Unusable } from '../wire/exchange.js';
import type { Answer, Request } from '../wire/exchange.js';
import { Transient } from '../wire/resilience.js';
import type { Insisting, Resilience } from '../wire/resilience.js';
import type { Endpoint } from './endpoint.js';
import { verdictOf } from './refusal.js';
import type { Refusal } from './refusal.js';

/** The way to one model of an endpoint. A breaker of its own: speech may be away while pictures are made. */
export interface Line {
  endpoint: Endpoint;
  base: URL;
  resilience: Resilience;
  /** For one call; a job may make several within its deadline. */
  timeoutMs: number;
  clock: Clock;
  log: Log;
}

/** Asks until the answer is final: a success, or a refusal. Throws `Transient` when repeats do not help, and `Unusable`. */
export async function ask(
  line: Line,
  job: Job,
  request: Request,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Answer | Refusal> {
  const { clock, log, resilience, timeoutMs, endpoint } = line;
  const { answer, verdict } = await resilience.insist(insisting(job, clock)).execute(async () => {
    const answer = await exchange(request, { timeoutMs, maxBytes }, clock, signal);
    const verdict = verdictOf(answer, clock);
    if (verdict instanceof Transient) throw verdict;
    return { answer, verdict };
  }, signal);
  if (!verdict) return answer;
  const { status } = answer;
  const facts = { provider: endpoint.name, job: job.id, status, code: verdict.code };
  if (verdict.misconfigured) {
    log.error(facts, 'provider: misconfigured, check its url, key, model and credit');
  } else log.info(facts, 'provider: refused');
  return verdict;
}

/** A file the provider pointed at; null when it cannot be had: the others still count. */
export async function download(
  { clock, resilience, timeoutMs }: Line,
  job: Job,
  request: Request,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Buffer | null> {
  try {
    const answer = await resilience.repeat(insisting(job, clock)).execute(async () => {
      const answer = await exchange(request, { timeoutMs, maxBytes }, clock, signal);
      const transient = transientOf(answer, clock);
      if (transient) throw transient;
      return answer;
    }, signal);
    return answer.status === 200 && isFile(answer) ? answer.body : null;
  } catch (error) {
    if (error instanceof Transient || error instanceof Unusable) return null;
    throw error;
  }
}

/** Whether an answer may be a picture or a sound. Pages and messages with status 200 are neither. */
export function isFile({ headers, body }: Answer): boolean {
  const type = headers.get('content-type') ?? '';
  return body.length > 0 && !/^\s*(text\/|application\/([^;]*\+)?(json|xml)\b)/i.test(type);
}

/** For the log: neither the prompt nor the key is in the words of our own errors. */
export function whyOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown';
}

function insisting(job: Job, clock: Clock): Insisting {
  return { id: job.id, leftMs: () => job.deadlineAt - clock.now() };
}
