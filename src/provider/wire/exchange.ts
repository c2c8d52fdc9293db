import { z } from 'zod';
import type { Clock } from '../../clock.js';
import { Transient } from './resilience.js';

/** An answer that repeating will not mend: too large, not JSON, of another shape. */
export class Unusable extends Error {
  override readonly name = 'Unusable';
}

export interface Request {
  url: string;
  method: 'GET' | 'POST' | 'DELETE';
  headers: Record<string, string>;
  body?: NonNullable<RequestInit['body']>;
}

export interface Answer {
  status: number;
  headers: Headers;
  body: Buffer;
}

export interface Bounds {
  timeoutMs: number;
  maxBytes: number;
}

/**
 * One HTTP exchange, whole, bounded in time and size. Throws `Transient` when the network fails or the time is over,
 * `Unusable` for a body beyond the bound, and the signal's reason once that aborts. Redirects are not followed: they would
 * carry the request to a host nobody configured.
 */
export async function exchange(
  { url, ...init }: Request,
  bounds: Bounds,
  clock: Clock,
  signal: AbortSignal,
): Promise<Answer> {
  signal.throwIfAborted();
  const attempt = new AbortController();
  const follow = (): void => {
    attempt.abort(signal.reason);
  };
  signal.addEventListener('abort', follow, { once: true });
  const cancel = clock.after(bounds.timeoutMs, () => {
    attempt.abort(new Transient(`no whole answer within ${bounds.timeoutMs} ms`, true));
  });
  try {
    const response = await fetch(url, { ...init, redirect: 'manual', signal: attempt.signal });
    const body = await read(response, bounds.maxBytes);
    return { status: response.status, headers: response.headers, body };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Transient || error instanceof Unusable) throw error;
    throw new Transient(networkReason(error), true);
  } finally {
    cancel();
    signal.removeEventListener('abort', follow);
  }
}

async function read(response: Response, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop by a throw cancels the stream, and with it the connection.
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new Unusable(`an answer of more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}

const codedCause = z.object({ cause: z.object({ code: z.string() }) });

/** The code only: a message may hold the address, which is nobody's business. */
export function networkReason(error: unknown): string {
  const coded = codedCause.safeParse(error);
  return `network: ${coded.success ? coded.data.cause.code : 'failed'}`;
}

// 409: the same idempotency key is being worked on. OpenAI's own clients repeat these four as well.
const BUSY_STATUSES: readonly number[] = [408, 409, 425, 429];

/** What a status says about trying again; null when it is final. */
export function transientOf(
  { status, headers }: Pick<Answer, 'status' | 'headers'>,
  clock: Clock,
): Transient | null {
  const ill = status >= 500 && status !== 501;
  if (!ill && !BUSY_STATUSES.includes(status)) return null;
  return new Transient(`status ${status}`, ill, retryAfterMs(headers, clock));
}

/** `Retry-After` in milliseconds from now, given as seconds or as an HTTP date; 0 when absent or unreadable. */
export function retryAfterMs(headers: Headers, clock: Clock): number {
  const header = headers.get('retry-after');
  if (header === null) return 0;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - clock.now();
  return Number.isNaN(ms) ? 0 : Math.max(0, ms);
}
