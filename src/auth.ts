import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import type { CryptoKey, JWTPayload, JWTVerifyGetKey, JWTVerifyOptions } from 'jose';
import type { Clock } from './clock.js';
import { isAccount } from './domain/account.js';
import { Fault } from './domain/fault.js';

/** Whose token it is, and what it allows. */
export interface Viewer {
  account: string;
  operator: boolean;
  /** Milliseconds since the epoch; null: the token does not expire. */
  expiresAt: number | null;
}

/** Reads a bearer token. Throws UNAUTHENTICATED for a token that is not good, UNAVAILABLE when nobody can tell now. */
export type Authenticate = (token: string) => Promise<Viewer>;

/** Where the keys come from, and what a token must say besides. */
export interface Trust {
  keys: { secret: Uint8Array } | { jwksUrl: string };
  issuer: string | null;
  audience: string | null;
}

interface Verified {
  viewer: Viewer;
  /** Until when it is believed without looking again. */
  until: number;
}

/** In the space-separated `scope` claim: may act for every account. */
export const OPERATOR_SCOPE = 'genquota:operator';
const TOKEN_MAX_CHARS = 8_192;
const CLOCK_TOLERANCE_S = 5;
const JWKS_TIMEOUT_MS = 5_000;
// A token with an unknown key id makes the key set be fetched again, but not more often than this.
const JWKS_COOLDOWN_MS = 30_000;
const JWKS_MAX_AGE_MS = 600_000;
// One verification takes about 75 µs, which at 10,000 requests a second is most of a core; people send the same token again
// and again. A minute bounds how long a key that was withdrawn goes on working.
const REMEMBERED_MS = 60_000;
const REMEMBERED_TOKENS = 10_000;

/** Checks tokens against one secret (HS256 only) or a remote key set (asymmetric algorithms only). */
export function makeAuthenticate(options: Trust & { clock: Clock }): Authenticate {
  const { clock } = options;
  const verify = makeVerify(options);
  const remembered = new Map<string, Verified>();
  return async (token) => {
    const now = clock.now();
    const known = remembered.get(token);
    if (known && now < known.until) return known.viewer;
    remembered.delete(token);
    if (token.length > TOKEN_MAX_CHARS) throw unauthenticated('The token is too long.');
    const viewer = viewerOf(await verify(token, new Date(now)));
    if (remembered.size >= REMEMBERED_TOKENS) forgetOldest(remembered);
    const expiresAt = viewer.expiresAt ?? Infinity;
    remembered.set(token, { viewer, until: Math.min(now + REMEMBERED_MS, expiresAt) });
    return viewer;
  };
}

type Verify = (token: string, now: Date) => Promise<JWTPayload>;

function makeVerify({ keys, issuer, audience }: Trust): Verify {
  const must: JWTVerifyOptions = {
    requiredClaims: ['sub'],
    clockTolerance: CLOCK_TOLERANCE_S,
    ...(issuer === null ? {} : { issuer }),
    ...(audience === null ? {} : { audience }),
  };
  if ('secret' in keys) {
    // Imported once: handing over the bytes doubles the cost of every verification.
    const key = importSecret(keys.secret);
    return (token, currentDate) =>
      verified(async () =>
        jwtVerify(token, await key, { ...must, algorithms: ['HS256'], currentDate }),
      );
  }
  const keySet = remoteKeys(keys.jwksUrl);
  // Never HS256: a public key would then pass for a shared secret.
  const algorithms = ['RS256', 'PS256', 'ES256', 'EdDSA'];
  return (token, currentDate) =>
    verified(() => jwtVerify(token, keySet, { ...must, algorithms, currentDate }));
}

/** The key set, with an outage of its server told apart from a token that does not match. */
function remoteKeys(jwksUrl: string): JWTVerifyGetKey {
  const fetchKeys = createRemoteJWKSet(new URL(jwksUrl), {
    timeoutDuration: JWKS_TIMEOUT_MS,
    cooldownDuration: JWKS_COOLDOWN_MS,
    cacheMaxAge: JWKS_MAX_AGE_MS,
  });
  return async (header, token) => {
    try {
      return await fetchKeys(header, token);
    } catch (error) {
      if (
        error instanceof errors.JWKSNoMatchingKey ||
        error instanceof errors.JWKSMultipleMatchingKeys ||
        error instanceof errors.JOSENotSupported
      ) {
        throw error;
      }
      throw new Fault(
        'UNAVAILABLE',
        'The keys that tokens are checked with cannot be read now. Try again shortly.',
        error,
      );
    }
  };
}

async function verified(verifying: () => Promise<{ payload: JWTPayload }>): Promise<JWTPayload> {
  try {
    return (await verifying()).payload;
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw unauthenticated(reasonOf(error), error);
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'The token has expired.';
  if (error instanceof errors.JWTClaimValidationFailed) {
    return `The token's claim "${error.claim}" is not right.`;
  }
  return 'The token is not one this gateway trusts.';
}

function viewerOf({ sub, exp, scope }: JWTPayload): Viewer {
  if (!isAccount(sub)) {
    throw unauthenticated('The token\'s claim "sub" must be 1 to 128 printable characters.');
  }
  return Object.freeze({
    account: sub,
    operator: typeof scope === 'string' && scope.split(' ').includes(OPERATOR_SCOPE),
    expiresAt: exp === undefined ? null : exp * 1000,
  });
}

function unauthenticated(reason: string, cause?: unknown): Fault {
  return new Fault('UNAUTHENTICATED', `${reason} Sign in again and send the new token.`, cause);
}

function importSecret(secret: Uint8Array): Promise<CryptoKey> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  return crypto.subtle.importKey('raw', Buffer.from(secret), algorithm, false, ['verify']);
}

function forgetOldest(remembered: Map<string, Verified>): void {
  const [oldest] = remembered.keys();
  if (oldest !== undefined) remembered.delete(oldest);
}
