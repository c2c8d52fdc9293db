import { randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { OPERATOR_SCOPE } from './auth.js';
import type { Trust } from './auth.js';
import type { Clock } from './clock.js';
import { isAccount } from './domain/account.js';
import type { CommonStores, Serving } from './env.js';

const KEY_BYTES = 32;

/**
 * The signing key of a gateway that has no other: DATA_DIR/auth.key, readable by its owner only, made on first use. Two
 * processes that make it at once agree on one.
 */
export async function localKey(dataDir: string): Promise<Uint8Array> {
  const path = join(dataDir, 'auth.key');
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const key = (await readIfThere(path)) ?? (await make(path));
  if (key.length === KEY_BYTES) return key;
  throw new Error(`${path} is damaged: delete it, and every token signed with it ends.`);
}

/** Written beside and linked into place, which only the first succeeds at: nobody ever reads half a key. */
async function make(path: string): Promise<Uint8Array> {
  const draft = `${path}.${randomUUID()}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(randomBytes(KEY_BYTES));
    await file.sync();
    await link(draft, path).catch(ignore('EEXIST'));
  } finally {
    await file.close();
    await unlink(draft);
  }
  return readFile(path);
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  return readFile(path).catch(ignore('ENOENT'));
}

function ignore(code: string): (error: unknown) => undefined {
  return (error) => {
    if ((error as NodeJS.ErrnoException).code === code) return undefined;
    throw error;
  };
}

/** Whose tokens this deployment trusts. Makes the local key where there is no other. */
export async function trustOf({ auth, dataDir }: CommonStores & Serving): Promise<Trust> {
  const { keys, issuer, audience } = auth;
  switch (keys.from) {
    case 'jwks':
      return { keys: { jwksUrl: keys.url }, issuer, audience };
    case 'secret':
      return { keys: { secret: new TextEncoder().encode(keys.secret) }, issuer, audience };
    case 'local':
      return { keys: { secret: await localKey(dataDir) }, issuer, audience };
  }
}

/** What a token shall say. */
interface Minting extends Pick<Trust, 'issuer' | 'audience'> {
  secret: Uint8Array;
  account: string;
  operator: boolean;
  expiresInMs: number;
  clock: Clock;
}

/** Signs a token with the deployment's own secret. Throws a plain error for an account no token may name. */
export async function mintToken(minting: Minting): Promise<{ token: string; expiresAt: number }> {
  if (!isAccount(minting.account)) {
    throw new Error('An account has 1 to 128 printable characters.');
  }
  const issuedAtS = Math.floor(minting.clock.now() / 1000);
  const expiresAtS = issuedAtS + Math.ceil(minting.expiresInMs / 1000);
  const jwt = new SignJWT(minting.operator ? { scope: OPERATOR_SCOPE } : {})
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(minting.account)
    .setIssuedAt(issuedAtS)
    .setExpirationTime(expiresAtS);
  if (minting.issuer !== null) jwt.setIssuer(minting.issuer);
  if (minting.audience !== null) jwt.setAudience(minting.audience);
  return { token: await jwt.sign(minting.secret), expiresAt: expiresAtS * 1000 };
}
