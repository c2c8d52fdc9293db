import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from './clock.js';

/** Links to delivered files that work without a token, for a while. */
export interface Links {
  /** An absolute link to the file at `key`; `baseUrl` has no trailing slash. */
  sign(key: string, baseUrl: string): string;
  /** Reads a link's path and query. */
  verify(path: string, query: URLSearchParams): Verified;
}

/** `expiresAt`: milliseconds since the epoch. */
export type Verified = { key: string; expiresAt: number } | 'expired' | 'invalid';

export interface LinksOptions {
  /** Shared by all gateways that serve the same files. */
  key: Uint8Array;
  clock: Clock;
  expiresAfterMs?: number;
}

const HOUR_MS = 60 * 60 * 1000;
const PREFIX = '/outputs/';

export function makeLinks({ key: secret, clock, expiresAfterMs = HOUR_MS }: LinksOptions): Links {
  // Expiry moves in steps of a tenth: links asked for within one are equal, so browsers keep what they have loaded.
  const stepMs = Math.max(1, Math.floor(expiresAfterMs / 10));

  function signature(key: string, expires: string): Buffer {
    return createHmac('sha256', secret).update(`${expires}\n${key}`).digest();
  }

  return {
    sign(key, baseUrl) {
      const expires = String(Math.ceil((clock.now() + expiresAfterMs) / stepMs) * stepMs);
      const path = key.split('/').map(encodeURIComponent).join('/');
      return `${baseUrl}${PREFIX}${path}?expires=${expires}&signature=${signature(key, expires).toString('base64url')}`;
    },

    verify(path, query) {
      const key = keyIn(path);
      const expires = query.get('expires') ?? '';
      const given = Buffer.from(query.get('signature') ?? '', 'base64url');
      if (key === null || !/^\d{1,15}$/.test(expires)) return 'invalid';
      const right = signature(key, expires);
      if (given.length !== right.length || !timingSafeEqual(given, right)) return 'invalid';
      const expiresAt = Number(expires);
      return expiresAt > clock.now() ? { key, expiresAt } : 'expired';
    },
  };
}

function keyIn(path: string): string | null {
  if (!path.startsWith(PREFIX)) return null;
  try {
    return path.slice(PREFIX.length).split('/').map(decodeURIComponent).join('/');
  } catch {
    return null;
  }
}
