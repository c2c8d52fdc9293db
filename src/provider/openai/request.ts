import type { GenerationContent } from '../../domain/generation.js';
import type { Job } from '../../provider.js';
import type { Request } from './exchange.js';

/** Where to ask, as whom, for which model. */
export interface Endpoint {
  /** The API's base, version included, as OpenAI's own clients take it. Without one: OpenAI itself. */
  url?: string;
  key: string;
  model: string;
}

const DEFAULT_URL = 'https://api.openai.com/v1';
const QUALITIES: readonly unknown[] = ['auto', 'low', 'medium', 'high', 'standard', 'hd'];

/** The address asked for pictures. Throws, without showing the key, when the endpoint cannot be right. */
export function addressOf({ url = DEFAULT_URL, key, model }: Endpoint): URL {
  const base = URL.canParse(url) ? new URL(url) : null;
  if (!base || !['http:', 'https:'].includes(base.protocol) || base.username !== '') {
    throw new Error(
      `The image provider's url must be an http(s) address without a user name, such as ${DEFAULT_URL}.`,
    );
  }
  if (!/^[\x21-\x7e]+$/.test(key)) {
    throw new Error("The image provider's key must be one word of printable ASCII.");
  }
  if (model === '') throw new Error("The image provider's model must be named.");
  base.pathname = `${base.pathname.replace(/\/+$/, '')}/images/generations`;
  return base;
}

/** See `Provider.check`. */
export function check({ prompt, inputs, settings }: GenerationContent): string | null {
  if (prompt === null || prompt.trim() === '') return 'This action needs a prompt.';
  if (inputs.length > 0) {
    return 'The image provider of this action takes no reference images: leave inputs out.';
  }
  const { size = null, quality = null } = settings ?? {};
  if (size !== null && !(typeof size === 'string' && /^(auto|\d{2,4}x\d{2,4})$/.test(size))) {
    return 'settings.size must be "auto" or "WIDTHxHEIGHT", for example "1024x1024".';
  }
  if (quality !== null && !QUALITIES.includes(quality)) {
    return `settings.quality must be one of: ${QUALITIES.join(', ')}.`;
  }
  return null;
}

/** The request for a job that `check` has passed. Its idempotency key is the generation's id, the same on every repeat. */
export function requestOf(job: Job, address: URL, { key, model }: Endpoint): Request {
  const { size, quality } = job.settings ?? {};
  return {
    url: address.href,
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      accept: 'application/json',
      'idempotency-key': job.id,
    },
    body: JSON.stringify({
      model,
      prompt: job.prompt,
      n: job.outputCount,
      // What is undefined does not appear in JSON.
      size: size ?? undefined,
      quality: quality ?? undefined,
    }),
  };
}

/**
 * The request for a picture the provider only points at: https, or plain http where the provider itself is spoken to so.
 * Null for any other address. The key does not go along.
 */
export function downloadOf(url: string, address: URL): Request | null {
  const protocol = URL.canParse(url) ? new URL(url).protocol : '';
  if (protocol !== 'https:' && protocol !== address.protocol) return null;
  return { url, method: 'GET', headers: { accept: 'image/*' } };
}
