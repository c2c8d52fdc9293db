import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from './clock.js';

/** Links that work without a token, for a while. */
export interface Links {
  /**
   * An absolute link; `baseUrl` has no trailing slash. `expiresAt` in milliseconds since the epoch; absent: in about an
   * hour, and links asked for within six minutes are equal, so that browsers keep what they have loaded.
   */
  sign(link: Link, baseUrl: string, expiresAt?: number): string;
  /** Reads a link's path, as it came, and query. */
  verify(path: string, query: URLSearchParams): VerifiedLink | 'expired' | 'invalid';
}

export interface Link {
  /** Begins with a slash; not encoded. */
  path: string;
  params?: Readonly<Record<string, string>>;
}

export interface VerifiedLink extends Required<Link> {
  expiresAt: number;
}

export interface LinksOptions {
  /** Shared by all gateways that serve the same files. */
  key: Uint8Array;
  clock: Clock;
}

const EXPIRES_AFTER_MS = 60 * 60 * 1000;
const STEP_MS = EXPIRES_AFTER_MS / 10;
const OWN_PARAMS: readonly string[] = ['expires', 'signature'];

type Param = [name: string, value: string];

export function makeLinks({ key, clock }: LinksOptions): Links {
  /** Covers all there is, told apart beyond doubt by JSON's quotes. */
  function signature(path: string, params: readonly Param[], expires: string): Buffer {
    const covered = JSON.stringify([expires, path, ...params]);
    return createHmac('sha256', key).update(covered).digest();
  }

  return {
    sign({ path, params = {} }, baseUrl, expiresAt = steppedExpiry(clock.now())) {
      const expires = String(expiresAt);
      const sorted = sortedByName(Object.entries(params));
      const query = new URLSearchParams([
        ...sorted,
        ['expires', expires],
        ['signature', signature(path, sorted, expires).toString('base64url')],
      ]);
      return `${baseUrl}${path.split('/').map(encodeURIComponent).join('/')}?${query.toString()}`;
    },

    verify(rawPath, query) {
      const path = decoded(rawPath);
      const expires = query.get('expires') ?? '';
      if (path === null || !/^\d{1,15}$/.test(expires)) return 'invalid';
      const params = sortedByName([...query].filter(([name]) => !OWN_PARAMS.includes(name)));
      const given = Buffer.from(query.get('signature') ?? '', 'base64url');
      const right = signature(path, params, expires);
      if (given.length !== right.length || !timingSafeEqual(given, right)) return 'invalid';
      const expiresAt = Number(expires);
      if (expiresAt <= clock.now()) return 'expired';
      return { path, params: Object.fromEntries(params), expiresAt };
    },
  };
}

function steppedExpiry(now: number): number {
  return Math.ceil((now + EXPIRES_AFTER_MS) / STEP_MS) * STEP_MS;
}

/** By code units, the same everywhere; what occurs twice stays twice, and so was never signed. */
function sortedByName(params: readonly Param[]): Param[] {
  return [...params].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

function decoded(path: string): string | null {
  try {
    return path.split('/').map(decodeURIComponent).join('/');
  } catch {
    return null;
  }
}

// One prefix per door: what opens one opens no other.
const OUTPUTS = '/outputs/';
const UPLOADS = '/uploads/';
const EXPORTS = '/exports/';

/** One stored file, and how a browser names what it saves. */
export interface OutputTarget {
  /** Where the asset store keeps it. */
  key: string;
  name: string;
  /** Saved instead of shown. */
  download: boolean;
}

export function outputLink({ key, name, download }: OutputTarget): Link {
  return { path: `${OUTPUTS}${key}`, params: { name, ...(download && { download: '1' }) } };
}

/** Null: a link to something else. */
export function readOutputLink({ path, params }: VerifiedLink): OutputTarget | null {
  const key = after(OUTPUTS, path);
  const { name, download } = params;
  return key === null || name === undefined ? null : { key, name, download: download === '1' };
}

/** Where the file of an accepted upload is sent. */
export function uploadLink(generationId: string): Link {
  return { path: `${UPLOADS}${generationId}` };
}

/** The generation's id; null: a link to something else. */
export function readUploadLink({ path }: VerifiedLink): string | null {
  return after(UPLOADS, path);
}

/** Where everything kept about an account is downloaded. */
export function exportLink(account: string): Link {
  return { path: `${EXPORTS}${Buffer.from(account).toString('base64url')}` };
}

/** The account; null: a link to something else. */
export function readExportLink({ path }: VerifiedLink): string | null {
  const name = after(EXPORTS, path);
  return name === null ? null : Buffer.from(name, 'base64url').toString();
}

function after(prefix: string, path: string): string | null {
  return path.startsWith(prefix) ? path.slice(prefix.length) : null;
}
