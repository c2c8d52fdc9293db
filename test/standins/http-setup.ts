import { systemClock } from '../../src/clock.js';
import type { Job, Outcome, Provider } from '../../src/provider.js';
import { makeHttpProvider, type HttpProviderOptions } from '../../src/provider/http.js';
import { aJob } from '../contract/provider.samples.js';
import { recordingLog, type RecordingLog } from '../world/log.js';
import { KEY, startHttpProvider, type HttpStandIn } from './http-provider.js';

export const PROMPT = 'a very private lighthouse';

/** Two pictures within a minute, unless told otherwise. */
export function jobOf(rest: Partial<Job> = {}): Job {
  return aJob({ prompt: PROMPT, outputCount: 2, ...rest });
}

export interface HttpSetup {
  standIn: HttpStandIn;
  logged: RecordingLog['lines'];
  /** The provider under test: polled quickly, with short waits between repeats. */
  connect: (options?: Partial<HttpProviderOptions>) => Provider;
  dispatch: (provider: Provider, job?: Job) => Promise<Outcome>;
}

/** A stand-in and the provider to connect to it. */
export async function startHttpSetup(): Promise<HttpSetup> {
  const standIn = await startHttpProvider();
  const log = recordingLog();
  return {
    standIn,
    logged: log.lines,
    connect: (options = {}) =>
      makeHttpProvider({
        name: 'studio',
        url: standIn.url,
        key: KEY,
        callbackSecret: null,
        callbackUrl: null,
        outputOrigins: [],
        pollMs: 5,
        clock: systemClock,
        log,
        ...options,
        patience: { initialDelayMs: 5, maxDelayMs: 20, maxRetries: 3, ...options.patience },
      }),
    dispatch: (provider, job = jobOf()) => provider.dispatch(job, new AbortController().signal),
  };
}
