import { systemClock } from '../../src/clock.js';
import type { Job, Outcome, Provider } from '../../src/provider.js';
import { makeOpenAi } from '../../src/provider/openai.js';
import type { OpenAiOptions } from '../../src/provider/openai.js';
import { aJob } from '../contract/provider.samples.js';
import { recordingLog } from '../world/log.js';
import type { RecordingLog } from '../world/log.js';
import { startOpenAiStandIn } from './openai.js';
import type { OpenAiStandIn } from './openai.js';
import type { Reply } from './openai-replies.js';

export const KEY = 'sk-test-0123456789';
export const PROMPT = 'a very private lighthouse';
export const BLOCKED: Reply = { kind: 'error', status: 400, code: 'moderation_blocked' };

/** Two pictures within a minute, unless told otherwise. */
export function jobOf(rest: Partial<Job> = {}): Job {
  return aJob({ prompt: PROMPT, outputCount: 2, ...rest });
}

/** The same as speech. */
export function speechOf(rest: Partial<Job> = {}): Job {
  return jobOf({ action: 'audio.generate', kind: 'audio', ...rest });
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
      makeOpenAi({
        name: 'pictures',
        url: standIn.url,
        key: KEY,
        imageModel: 'gpt-image-1',
        speechModel: 'gpt-4o-mini-tts',
        voice: 'alloy',
        clock: systemClock,
        log,
        ...options,
        patience: { initialDelayMs: 5, maxDelayMs: 20, maxRetries: 3, ...options.patience },
      }),
    dispatch: (provider, job = jobOf()) => provider.dispatch(job, new AbortController().signal),
  };
}
