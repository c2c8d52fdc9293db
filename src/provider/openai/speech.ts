import type { Job, Outcome, ProducedFile } from '../../provider.js';
import { Unusable } from '../wire/exchange.js';
import type { Request } from '../wire/exchange.js';
import { ask, isFile, whyOf } from './ask.js';
import type { Line } from './ask.js';

// 4,096 characters spoken at a quarter of the speed take about 20 minutes: 58 MB of WAV at 24 kHz.
const MAX_ANSWER_BYTES = 64 * 2 ** 20;

/**
 * The prompt, spoken. The API answers one sound to a call, so several are asked for one after the other: what fails once would
 * fail again, and what is there by then is delivered.
 */
export async function speak(line: Line, job: Job, signal: AbortSignal): Promise<Outcome> {
  const files: ProducedFile[] = [];
  for (let index = 0; index < job.outputCount; index += 1) {
    try {
      const answer = await ask(line, job, requestOf(line, job, index), MAX_ANSWER_BYTES, signal);
      if ('failure' in answer) {
        if (files.length === 0) return { kind: answer.kind, failure: answer.failure };
        break;
      }
      if (!isFile(answer)) throw new Unusable('an answer that is no sound');
      files.push({ content: answer.body });
      job.report(files.length / job.outputCount);
    } catch (error) {
      if (files.length === 0 || signal.aborted) throw error;
      const facts = { provider: line.endpoint.name, job: job.id, why: whyOf(error) };
      line.log.warn({ ...facts, delivered: files.length }, 'provider: fewer sounds than asked for');
      break;
    }
  }
  return { kind: 'delivered', files };
}

function requestOf({ endpoint, base }: Line, job: Job, index: number): Request {
  const { voice, format, speed } = job.settings ?? {};
  return {
    url: new URL('audio/speech', base).href,
    method: 'POST',
    headers: {
      authorization: `Bearer ${endpoint.key}`,
      'content-type': 'application/json',
      accept: 'audio/*',
      // Each is a call of its own: under one key they would all be the first.
      'idempotency-key': index === 0 ? job.id : `${job.id}-${index + 1}`,
    },
    body: JSON.stringify({
      model: endpoint.speechModel,
      voice: voice ?? endpoint.voice,
      input: job.prompt,
      response_format: format ?? 'mp3',
      ...(speed && { speed }),
    }),
  };
}
