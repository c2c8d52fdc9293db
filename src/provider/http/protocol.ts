import { z } from 'zod';
import type { Job, Source, SourceFacts } from '../../provider.js';
import { Unusable, type Request } from '../wire/exchange.js';
import type { Endpoint } from './endpoint.js';

/** What a job is at the provider. Its form is docs/PROVIDERS.md; what is odd but harmless is read as if it were absent. */
export type JobState = z.infer<typeof jobState>;

const jobState = z.object({
  id: z.string(),
  status: z.enum(['queued', 'running', 'succeeded', 'failed', 'blocked', 'cancelled']),
  progress: z.number().nullish().catch(null),
  outputs: z
    .array(z.object({ url: z.string().max(8_192) }))
    .nullish()
    .catch(null),
  error: z
    .object({
      message: z.string().nullish().catch(null),
      retryable: z.boolean().nullish().catch(null),
    })
    .nullish()
    .catch(null),
});

const refusal = z.object({ error: z.object({ message: z.string() }) });

/** Reads a job. Throws `Unusable` when it is none, or another one than asked for. */
export function jobStateIn(body: Buffer, id: string): JobState {
  const state = jobState.safeParse(jsonIn(body));
  if (!state.success) throw new Unusable('an answer that is not a job');
  if (state.data.id !== id) throw new Unusable('another job than the one asked for');
  return state.data;
}

/** The words of `{ error: { message } }`; null when the answer has another form. */
export function refusalIn(body: Buffer): string | null {
  const found = refusal.safeParse(jsonIn(body));
  return found.success ? found.data.error.message : null;
}

function jsonIn(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** `POST {url}/jobs`: the same on every repeat but for the links, which are signed anew. */
export function creationOf(job: Job, endpoint: Endpoint): Request {
  const { id, action, kind, prompt, settings, outputCount, deadlineAt, sources } = job;
  return {
    url: endpoint.jobsUrl,
    method: 'POST',
    headers: {
      ...headersOf(endpoint),
      'content-type': 'application/json',
      'idempotency-key': id,
    },
    body: JSON.stringify({
      id,
      action,
      kind,
      prompt,
      settings,
      outputCount,
      inputs: sources.map(inputOf),
      deadlineAt: new Date(deadlineAt).toISOString(),
      // What is undefined does not appear in JSON.
      callbackUrl: endpoint.callbackUrl ?? undefined,
    }),
  };
}

function inputOf(source: Source): SourceFacts & { url: string } {
  const { id, kind, url, contentType, bytes, sha256, width, height, durationMs } = source;
  return { id, kind, url, contentType, bytes, sha256, width, height, durationMs };
}

/** `GET` asks for a job, `DELETE` calls it off. */
export function requestFor(method: 'GET' | 'DELETE', id: string, endpoint: Endpoint): Request {
  return {
    url: `${endpoint.jobsUrl}/${encodeURIComponent(id)}`,
    method,
    headers: headersOf(endpoint),
  };
}

/** The request for an output; null for an address it may not come from. Only the provider's own origin gets the key. */
export function downloadOf(url: string, endpoint: Endpoint): Request | null {
  if (!URL.canParse(url, endpoint.origin)) return null;
  const { href, origin } = new URL(url, endpoint.origin);
  if (!endpoint.outputOrigins.includes(origin)) return null;
  const headers = { accept: '*/*', 'accept-encoding': 'identity' };
  const own = origin === endpoint.origin;
  return {
    url: href,
    method: 'GET',
    headers: own ? { ...headersOf(endpoint), ...headers } : headers,
  };
}

function headersOf({ key }: Endpoint): Record<string, string> {
  return { authorization: `Bearer ${key}`, accept: 'application/json' };
}
