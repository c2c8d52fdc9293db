import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

/** What is wrong with the provider, and what to do about it. */
export class Problem extends Error {
  override readonly name = 'Problem';
}

export interface Reply {
  status: number;
  headers: Headers;
  text: string;
}

export interface Asking {
  method: 'GET' | 'POST' | 'DELETE';
  path: string;
  /** Sent as it is. */
  body?: string;
  /** Another key than the right one. */
  key?: string;
  headers?: Record<string, string>;
}

/** Asks the provider as the gateway does: bounded, without following redirects. Throws `Problem` when there is no whole answer. */
export type Client = (asking: Asking) => Promise<Reply>;

const ANSWER_WITHIN_MS = 30_000;
const MAX_ANSWER_BYTES = 2 ** 20;
// Being asked too much is no fault: the gateway, too, comes back later.
const BUSY_STATUSES = [429, 503];
const MAX_BUSY = 5;
const MAX_BUSY_WAIT_MS = 30_000;

export function makeClient(url: string, rightKey: string): Client {
  const base = url.replace(/\/+$/, '');
  return async ({ method, path, body, key = rightKey, headers = {} }) => {
    const what = `${method} ${path}`;
    for (let busy = 0; ; busy += 1) {
      const init = {
        method,
        headers: {
          authorization: `Bearer ${key}`,
          accept: 'application/json',
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body }),
      };
      const response = await fetched(`${base}${path}`, what, init, ANSWER_WITHIN_MS);
      const text = await textOf(response, what);
      if (busy === MAX_BUSY || !BUSY_STATUSES.includes(response.status)) {
        return { status: response.status, headers: response.headers, text };
      }
      const askedMs = Number(response.headers.get('retry-after') ?? 1) * 1_000;
      await sleep(Math.min(askedMs || 1_000, MAX_BUSY_WAIT_MS));
    }
  };
}

/** The response to one request, which has to be whole within the time. Throws `Problem`. */
export async function fetched(
  url: string,
  what: string,
  init: RequestInit,
  withinMs: number,
): Promise<Response> {
  try {
    return await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(withinMs) });
  } catch (error) {
    throw new Problem(`${what}: ${reasonOf(error)}`);
  }
}

/** Reads a body, handing each piece to `keep`; stops once it has more than `maxBytes`. Throws `Problem` when it is cut off. */
export async function bytesOf(
  response: Response,
  what: string,
  maxBytes: number,
  keep: (piece: Uint8Array) => void = () => undefined,
): Promise<number> {
  let bytes = 0;
  try {
    for await (const piece of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      bytes += piece.byteLength;
      if (bytes > maxBytes) break;
      keep(piece);
    }
  } catch (error) {
    throw new Problem(`${what}: ${reasonOf(error)}`);
  }
  return bytes;
}

async function textOf(response: Response, what: string): Promise<string> {
  const pieces: Uint8Array[] = [];
  const bytes = await bytesOf(response, what, MAX_ANSWER_BYTES, (piece) => pieces.push(piece));
  if (bytes > MAX_ANSWER_BYTES) {
    throw new Problem(`${what} answered more than 1 MiB. Send addresses of files, not files.`);
  }
  return Buffer.concat(pieces).toString('utf8');
}

const told = z.object({
  name: z.string().catch(''),
  cause: z.object({ code: z.string() }).optional().catch(undefined),
});

function reasonOf(error: unknown): string {
  const { name, cause } = told.parse(error);
  if (name === 'TimeoutError') {
    return 'no whole answer in time (30 s; 10 minutes for an output). Answer at once and work afterwards.';
  }
  return `no answer (${cause?.code ?? 'the connection broke'}). Is the provider running at this address?`;
}
