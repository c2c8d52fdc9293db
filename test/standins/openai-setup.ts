import { systemClock } from '../../src/clock.js';
import type { Job, Outcome, Provider } from '../../src/provider.js';
import { makeOpenAiImages } from '../../src/provider/openai.js';
import type { OpenAiOptions } from '../../src/provider/openai.js';
import { recordingLog } from '../world/log.js';
import type { RecordingLog } from '../world/log.js';
import { startOpenAiStandIn } from './openai-images.js';
import type { OpenAiStandIn, Reply } from './openai-images.js';

export const KEY = 'sk-test-0123456789';
export const PROMPT = 'a very private lighthouse';
export const BLOCKED: Reply = { kind: 'error', status: 400, code: 'moderation_blocked' };

/** Two pictures within a minute, unless told otherwise. */
export function jobOf(rest: Partial<Job> = {}): Job {
  return {
    id: '0190f5d2-7c1e-7000-8000-000000000001',
    deadlineAt: Date.now() + 60_000,
    action: 'image.generate',
    prompt: PROMPT,
    settings: null,
    inputs: [],
    outputCount: 2,
    ...rest,
  };
}

export interface OpenAiSetup {
  standIn: OpenAiStandIn;
  logged: RecordingLog['lines'];
  /** The provider under test, with short waits between repeats. */
  connect: (options?: Partial<OpenAiOptions>) => Provider;
  dispatch: (provider: Provider, job?: Job) => Promise<Outcome>;
}

/** A stand-in and the provider to connect to it. */
export async function startOpenAiSetup(): Promise<OpenAiSetup> {
  const standIn = await startOpenAiStandIn();
  const log = recordingLog();
  return {
    standIn,
    logged: log.lines,
    connect: (options = {}) =>
      makeOpenAiImages({
        url: standIn.url,
        key: KEY,
        model: 'gpt-image-1',
        clock: systemClock,
        log,
        ...options,
        patience: { initialDelayMs: 5, maxDelayMs: 20, maxRetries: 3, ...options.patience },
      }),
    dispatch: (provider, job = jobOf()) => provider.dispatch(job, new AbortController().signal),
  };
}
