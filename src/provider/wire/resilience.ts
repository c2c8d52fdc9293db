import {
  CircuitState,
  ConsecutiveBreaker,
  DelegateBackoff,
  ExponentialBackoff,
  circuitBreaker,
  handleType,
  retry,
  wrap,
} from 'cockatiel';
import type { IBackoff, IPolicy, IRetryBackoffContext } from 'cockatiel';
import type { Log } from '../../log.js';

/** How long to insist, and when to stop asking at all. */
export interface Patience {
  /** Repeats after the first call of one exchange. */
  maxRetries: number;
  initialDelayMs: number;
  maxDelayMs: number;
  /** A provider that asks to be left alone for longer than this is not asked again by the same job. */
  maxRetryAfterMs: number;
  /** Consecutive failed calls, over all jobs, that open the breaker. */
  breakAfter: number;
  /** How long an open breaker refuses at once, before one call tries the provider again. */
  breakForMs: number;
}

/**
 * 5 repeats from 0.5 s on span about 15 s, longer than a restart behind a load balancer takes. The breaker needs more
 * failures than one job makes alone, so that one unlucky job does not shut out the others.
 */
export const DEFAULT_PATIENCE: Patience = {
  maxRetries: 5,
  initialDelayMs: 500,
  maxDelayMs: 20_000,
  maxRetryAfterMs: 60_000,
  breakAfter: 12,
  breakForMs: 15_000,
};

/** A call that may succeed when repeated. */
export class Transient extends Error {
  override readonly name = 'Transient';
  constructor(
    message: string,
    /** Whether it says that the provider is ill: a 429 says only that it is busy. */
    readonly ill: boolean,
    /** What the provider asked to wait; 0 when it did not say. */
    readonly retryAfterMs = 0,
  ) {
    super(message);
  }
}

/** One breaker for the provider: `insist` repeats a call behind it, `once` does not repeat, `repeat` goes without the breaker. */
export interface Resilience {
  insist(job: Insisting): IPolicy;
  once: IPolicy;
  repeat(job: Insisting): IPolicy;
}

export interface Insisting {
  id: string;
  /** Milliseconds until the job's deadline. */
  leftMs: () => number;
}

/** `provider` is what the log calls it. */
export function makeResilience(patience: Patience, provider: string, log: Log): Resilience {
  const breaker = circuitBreaker(
    handleType(Transient, (error) => error.ill),
    {
      breaker: new ConsecutiveBreaker(patience.breakAfter),
      halfOpenAfter: patience.breakForMs,
    },
  );
  breaker.onStateChange((state) => {
    log.warn({ provider, breaker: CircuitState[state] }, 'provider: circuit breaker changed');
  });

  const repeat = (job: Insisting): IPolicy => {
    const worthIt = (error: Transient): boolean =>
      error.retryAfterMs <= Math.min(patience.maxRetryAfterMs, job.leftMs());
    const policy = retry(handleType(Transient, worthIt), {
      maxAttempts: patience.maxRetries,
      backoff: backoffOf(patience),
      // cockatiel's wait cannot be aborted; the caller races it against the signal, and it must not hold the process.
    }).dangerouslyUnref();
    policy.onRetry((reason) => {
      const why = 'error' in reason ? reason.error.message : 'unknown';
      log.warn(
        { provider, job: job.id, attempt: reason.attempt, delayMs: reason.delay, why },
        'provider: trying again',
      );
    });
    return policy;
  };
  return { repeat, once: breaker, insist: (job) => wrap(repeat(job), breaker) };
}

type Context = IRetryBackoffContext<unknown>;

/** Exponential with jitter, but never sooner than the provider asked. */
function backoffOf({
  initialDelayMs,
  maxDelayMs,
}: Patience): DelegateBackoff<Context, IBackoff<unknown>> {
  const exponential = new ExponentialBackoff({
    initialDelay: initialDelayMs,
    maxDelay: maxDelayMs,
  });
  return new DelegateBackoff<Context, IBackoff<unknown>>((context, previous) => {
    const state = previous ? previous.next(context) : exponential.next();
    const { result } = context;
    const asked =
      'error' in result && result.error instanceof Transient ? result.error.retryAfterMs : 0;
    return { delay: Math.max(state.duration, asked), state };
  });
}
