import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, readdir, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from 'jose';
import type { CryptoKey, JWTPayload } from 'jose';
import { makeAuthenticate } from '../src/auth.js';
import { localKey, mintToken } from '../src/keys.js';

const NOW = Date.parse('2026-11-01T12:00:00Z');
const NOW_S = NOW / 1000;
const SECRET = new TextEncoder().encode('a-secret-of-decent-length-for-tests');
const clock = { now: () => NOW, after: () => () => undefined };

function sign(claims: JWTPayload, key: CryptoKey | Uint8Array = SECRET, header = { alg: 'HS256' }) {
  return new SignJWT(claims).setProtectedHeader(header).sign(key);
}

function unsigned(claims: JWTPayload, alg: string): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  return `${encode({ alg, typ: 'JWT' })}.${encode(claims)}.`;
}

const refused = { name: 'Fault', code: 'UNAUTHENTICATED', retryable: false };

describe('authentication by a secret', () => {
  const trust = { keys: { secret: SECRET }, issuer: null, audience: null, clock };
  const authenticate = makeAuthenticate(trust);

  it('should answer the account, its right and its end', async () => {
    const token = await sign({ sub: 'ana', exp: NOW_S + 60 });
    expect(await authenticate(token)).toEqual({
      account: 'ana',
      operator: false,
      expiresAt: NOW + 60_000,
    });
  });

  it('should accept a token without an end', async () => {
    expect(await authenticate(await sign({ sub: 'ana' }))).toMatchObject({ expiresAt: null });
  });

  it.each([
    ['genquota:operator', true],
    ['profile genquota:operator email', true],
    ['genquota:operatorx', false],
    ['xgenquota:operator', false],
    ['genquota:operator,email', false],
    ['genquota', false],
    ['', false],
  ])('should read the scope "%s" as operator: %s', async (scope, operator) => {
    expect(await authenticate(await sign({ sub: 'ana', scope }))).toMatchObject({ operator });
  });

  it.each([
    [0],
    [7],
    [1.5],
    [false],
    [true],
    [null],
    [['ana']],
    [['ana', 'ben']],
    [{ a: 1 }],
    [''],
  ])('should refuse a token whose sub is %j: only a string names an account', async (sub) => {
    const token = await sign({ sub: sub as unknown as string });
    await expect(authenticate(token)).rejects.toMatchObject(refused);
  });

  it('should not take a list of scopes, or another claim, for the scope claim', async () => {
    const claims = {
      sub: 'ana',
      scope: ['genquota:operator'],
      scp: 'genquota:operator',
      operator: true,
    };
    expect(await authenticate(await sign(claims))).toMatchObject({ operator: false });
  });

  it.each(['none', 'None', 'NONE', 'HS256'])(
    'should refuse an unsigned token (alg %s)',
    async (alg) => {
      await expect(authenticate(unsigned({ sub: 'ana' }, alg))).rejects.toMatchObject(refused);
    },
  );

  it.each(['HS384', 'HS512'])('should refuse %s with the right secret', async (alg) => {
    const secret = new Uint8Array(64).fill(7);
    const picky = makeAuthenticate({ ...trust, keys: { secret } });
    expect(await picky(await sign({ sub: 'ana' }, secret))).toMatchObject({ account: 'ana' });
    await expect(picky(await sign({ sub: 'ana' }, secret, { alg }))).rejects.toMatchObject(refused);
  });

  it.each([
    ['signed with another secret', { sub: 'ana' }, new Uint8Array(32).fill(1)],
    ['expired', { sub: 'ana', exp: NOW_S - 6 }, SECRET],
    ['not valid yet', { sub: 'ana', nbf: NOW_S + 6 }, SECRET],
    ['without sub', { exp: NOW_S + 60 }, SECRET],
    ['with an empty sub', { sub: '' }, SECRET],
    ['with an invisible character in sub', { sub: 'ana\u200b' }, SECRET],
    ['with a control character in sub', { sub: 'ana\n' }, SECRET],
    ['with a sub too long', { sub: 'a'.repeat(129) }, SECRET],
  ])('should refuse a token %s', async (_what, claims, key) => {
    await expect(authenticate(await sign(claims, key))).rejects.toMatchObject(refused);
  });

  it('should tolerate clocks that are 4 seconds apart', async () => {
    const token = await sign({ sub: 'ana', exp: NOW_S - 4, nbf: NOW_S + 4 });
    expect(await authenticate(token)).toMatchObject({ account: 'ana' });
  });

  it('should say what to do and never show the token', async () => {
    const token = await sign({ sub: 'ana', exp: NOW_S - 60 });
    const error = await authenticate(token).catch((thrown: unknown) => thrown as Error);
    expect(error).toMatchObject({
      message: 'The token has expired. Sign in again and send the new token.',
    });
    expect(`${(error as Error).stack}`).not.toContain(token.split('.')[1]);
  });

  it('should refuse a token altered after it was accepted', async () => {
    const token = await sign({ sub: 'ana' });
    await authenticate(token);
    const [header, , signature] = token.split('.');
    const other = Buffer.from('{"sub":"bob"}').toString('base64url');
    await expect(authenticate(`${header}.${other}.${signature}`)).rejects.toMatchObject(refused);
  });

  it('should refuse a token it accepted before, once it has expired', async () => {
    let now = NOW;
    const aging = makeAuthenticate({ ...trust, clock: { ...clock, now: () => now } });
    const token = await sign({ sub: 'ana', exp: NOW_S + 10 });
    await aging(token);
    now += 16_000;
    await expect(aging(token)).rejects.toMatchObject(refused);
  });

  it.each(['', 'x', 'a.b', 'a.b.c', '.'.repeat(20), `${'a'.repeat(9000)}.b.c`])(
    'should refuse text that is no token (case %#)',
    async (text) => {
      await expect(authenticate(text)).rejects.toMatchObject(refused);
    },
  );

  it('should trust what it mints', async () => {
    const strict = makeAuthenticate({ ...trust, issuer: 'i', audience: 'a' });
    const minting = {
      secret: SECRET,
      account: 'ana',
      issuer: 'i',
      audience: 'a',
      expiresInMs: 60_000,
      clock,
    };
    const { token, expiresAt } = await mintToken({ ...minting, operator: true });
    expect(await strict(token)).toEqual({ account: 'ana', operator: true, expiresAt });
    expect(expiresAt).toBe(NOW + 60_000);
    await expect(mintToken({ ...minting, account: 'a\tb', operator: false })).rejects.toThrow(
      /account/,
    );
  });
});

describe('authentication by a key set', () => {
  let server: Server;
  let jwksUrl: string;
  let status = 200;
  let fetches = 0;
  let body = '';
  const keys: Record<string, CryptoKey> = {};
  let publicPem: string;

  const fresh = () => makeAuthenticate({ keys: { jwksUrl }, issuer: null, audience: null, clock });

  beforeAll(async () => {
    const published = [];
    for (const alg of ['RS256', 'PS256', 'ES256', 'EdDSA', 'RS512']) {
      const pair = await generateKeyPair(alg, { extractable: true });
      keys[alg] = pair.privateKey;
      published.push({ ...(await exportJWK(pair.publicKey)), kid: alg, use: 'sig' });
      if (alg === 'RS256') publicPem = await exportSPKI(pair.publicKey);
    }
    body = JSON.stringify({ keys: published });
    server = createServer((_request, response) => {
      fetches += 1;
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
  });

  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  beforeEach(() => {
    status = 200;
    fetches = 0;
  });

  const signed = (alg: string, kid = alg) =>
    sign({ sub: 'ana' }, keys[alg], { alg, kid } as { alg: string });

  it.each(['RS256', 'PS256', 'ES256', 'EdDSA'])('should accept %s', async (alg) => {
    expect(await fresh()(await signed(alg))).toMatchObject({ account: 'ana' });
  });

  it('should refuse an algorithm nobody agreed on', async () => {
    await expect(fresh()(await signed('RS512'))).rejects.toMatchObject(refused);
    expect(fetches).toBe(0);
  });

  it('should refuse HS256 made with the public key as the secret', async () => {
    const forged = (secret: string) =>
      sign({ sub: 'ana' }, new TextEncoder().encode(secret), { alg: 'HS256', kid: 'RS256' } as {
        alg: string;
      });
    for (const secret of [publicPem, publicPem.trim(), body]) {
      await expect(fresh()(await forged(secret))).rejects.toMatchObject(refused);
    }
  });

  it('should refuse an unsigned token', async () => {
    await expect(fresh()(unsigned({ sub: 'ana' }, 'none'))).rejects.toMatchObject(refused);
  });

  it('should refuse a key that is not in the set, or a token signed by another key of it', async () => {
    const stranger = await generateKeyPair('ES256');
    const header = { alg: 'ES256', kid: 'ES256' };
    await expect(
      fresh()(await sign({ sub: 'ana' }, stranger.privateKey, header)),
    ).rejects.toMatchObject(refused);
    await expect(fresh()(await signed('ES256', 'gone'))).rejects.toMatchObject(refused);
  });

  it('should fetch the set once for many tokens, unknown key ids included', async () => {
    const authenticate = fresh();
    await Promise.all(
      [signed('ES256'), signed('EdDSA')].map(async (token) => authenticate(await token)),
    );
    for (let i = 0; i < 5; i++) {
      await expect(authenticate(await signed('ES256', `gone-${i}`))).rejects.toMatchObject(refused);
    }
    expect(fetches).toBe(1);
  });

  it('should say UNAVAILABLE while the set cannot be read, and recover', async () => {
    const authenticate = fresh();
    const token = await signed('ES256');
    status = 503;
    await expect(authenticate(token)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      retryable: true,
    });
    status = 200;
    expect(await authenticate(token)).toMatchObject({ account: 'ana' });
  });

  it('should say UNAVAILABLE when nobody answers there', async () => {
    const nowhere = {
      keys: { jwksUrl: 'http://127.0.0.1:1/jwks' },
      issuer: null,
      audience: null,
      clock,
    };
    const answer = makeAuthenticate(nowhere)(await signed('ES256'));
    await expect(answer).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
  });
});

describe('localKey', () => {
  it('should be one key for all who make it at once, for the owner only, and stay', async () => {
    const dataDir = join(await mkdtemp(join(tmpdir(), 'genquota-key-')), 'deep', 'er');
    const made = await Promise.all(Array.from({ length: 20 }, () => localKey(dataDir)));
    const distinct = new Set(made.map((key) => Buffer.from(key).toString('hex')));
    expect(distinct.size).toBe(1);
    expect([...distinct][0]).toMatch(/^[0-9a-f]{64}$/);
    expect(await localKey(dataDir)).toEqual(made[0]);
    expect(await readdir(dataDir)).toEqual(['auth.key']);
    expect((await stat(join(dataDir, 'auth.key'))).mode & 0o777).toBe(0o600);
  });

  it('should refuse a damaged one instead of signing with it', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'genquota-key-'));
    await writeFile(join(dataDir, 'auth.key'), 'short');
    await expect(localKey(dataDir)).rejects.toThrow(/damaged/);
  });
});
