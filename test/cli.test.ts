import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSchema } from 'graphql';
import { Redis } from 'ioredis';
import { makeAuthenticate } from '../src/auth.js';
import { systemClock } from '../src/clock.js';
import { localKey } from '../src/keys.js';
import { endAll, genquota, serveGenquota, type Served } from './cli/run.js';
import { freshMysqlUrl, redisUrl } from './engines/index.js';
import { eventually } from './world/eventually.js';

const SECRET = 'a-secret-of-decent-length-for-tests';
const TOKEN = /eyJ[\w-]+\.[\w-]+\.[\w-]+/;
const GENERATE = `mutation ($input: GenerateInput!) {
  generate(input: $input) { __typename ... on GenerationAccepted { generation { id } quota { remaining } } }
}`;

let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'genquota-cli-'));
});

afterEach(async () => {
  await endAll();
  await rm(dataDir, { recursive: true, force: true });
});

async function ask(served: Served, token: string, query: string, variables: object = {}) {
  const answer = await fetch(`${served.url}/graphql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  return (await answer.json()) as { data: Record<string, unknown>; errors?: unknown };
}

function generate(served: Served, token: string, sketch: object = {}) {
  const input = { requestId: crypto.randomUUID(), action: 'image.generate', settings: { sketch } };
  return ask(served, token, GENERATE, { input });
}

async function used(served: Served, token: string) {
  return (await ask(served, token, '{ quota { used held } }')).data.quota;
}

describe('genquota token', () => {
  const trust = { issuer: null, audience: null, clock: systemClock };

  it('should sign with AUTH_SECRET what the gateway trusts', async () => {
    const env = { AUTH_SECRET: SECRET, AUTH_ISSUER: 'i', AUTH_AUDIENCE: 'a' };
    const { code, stdout } = await genquota(['token', '--account', 'ana', '--expires', '30s'], env);
    expect(code).toBe(0);
    const secret = new TextEncoder().encode(SECRET);
    const authenticate = makeAuthenticate({
      ...trust,
      keys: { secret },
      issuer: 'i',
      audience: 'a',
    });
    const viewer = await authenticate(stdout.trim());
    expect(viewer).toMatchObject({ account: 'ana', operator: false });
    expect(viewer.expiresAt! - Date.now()).toBeGreaterThan(20_000);
    expect(viewer.expiresAt! - Date.now()).toBeLessThanOrEqual(30_000);
  });

  it('should make the local key where there is no other, and print JSON', async () => {
    const args = ['token', '--account', 'ops', '--operator', '--json'];
    const { stdout } = await genquota(args, { DATA_DIR: dataDir });
    const printed = JSON.parse(stdout) as { token: string };
    expect(printed).toMatchObject({ account: 'ops', operator: true });
    const authenticate = makeAuthenticate({ ...trust, keys: { secret: await localKey(dataDir) } });
    expect(await authenticate(printed.token)).toMatchObject({ account: 'ops', operator: true });
  });

  it.each([
    [['--account', 'ana'], { AUTH_JWKS_URL: 'https://id/jwks' }, 'AUTH_JWKS_URL'],
    [['--account', 'ana', '--expires', 'soon'], {}, '--expires'],
    [['--account', 'a\tb'], {}, 'account'],
    [[], {}, '--account'],
  ])('should refuse %j under %j', async (args, env, named) => {
    const ended = await genquota(['token', ...args], { DATA_DIR: dataDir, ...env });
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toContain(named);
    expect(ended.stderr).not.toMatch(/\n\s+at /);
  });
});

describe('genquota schema', () => {
  it('should print the schema, whatever the environment says', async () => {
    const { code, stdout } = await genquota(['schema'], { PORT: 'nonsense' });
    expect(code).toBe(0);
    const { quota } = buildSchema(stdout).getQueryType()!.getFields();
    expect(String(quota!.type)).toBe('Quota!');
  });
});

describe('genquota serve', () => {
  it('should name all that is wrong in the environment at once', async () => {
    const env = { PORT: 'x', LEASE: 'y', MYSQL_URL: 'z' };
    const ended = await genquota(['serve'], env);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    for (const name of ['PORT', 'LEASE', 'MYSQL_URL', 'REDIS_URL', 'AUTH_SECRET']) {
      expect(ended.stderr).toMatch(new RegExp(`^ +.*${name}.*: `, 'm'));
    }
    expect(ended.stderr).not.toMatch(/\n\s+at /);
  });

  it('should name what is wrong in the catalogue', async () => {
    const file = join(dataDir, 'catalog.json');
    const env = { DATA_DIR: dataDir, CATALOG_FILE: file };
    await writeFile(file, '{"plans": []');
    expect((await genquota(['serve'], env)).stderr).toContain(file);
    const { stderr } = await genquota(['serve'], { DATA_DIR: dataDir, DEFAULT_PLAN: 'gold' });
    expect(stderr).toMatch(/DEFAULT_PLAN gold .*core, plus, ultimate/);
  });

  it('should name all actions whose provider is not configured', async () => {
    const file = join(dataDir, 'catalog.json');
    const action = { kind: 'image', metered: true, provider: 'openai' };
    const catalog = {
      plans: [
        {
          id: 'core',
          name: 'Core',
          versions: [{ effectiveFrom: '2020-01-01T00:00:00Z', limit: 1 }],
        },
      ],
      actions: [
        { ...action, id: 'image.one', name: 'One' },
        { ...action, id: 'image.two', name: 'Two' },
      ],
      rules: [{ id: 'r', effectiveFrom: '2020-01-01T00:00:00Z', meteredCost: 1 }],
    };
    await writeFile(file, JSON.stringify(catalog));
    const env = { DATA_DIR: dataDir, CATALOG_FILE: file };
    const ended = await genquota(['serve'], env);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/image\.one .*OPENAI_API_KEY.*\n.*image\.two .*OPENAI_API_KEY/);
    await serveGenquota({ ...env, OPENAI_API_KEY: 'k' });
  });

  it('should say where it is, give a token that works, and end with 0 when told to', async () => {
    const served = await serveGenquota({ DATA_DIR: dataDir });
    const [token = ''] = TOKEN.exec(served.banner) ?? [];
    expect(served.banner).toContain(`${served.url}/#token=${token}`);
    expect((await fetch(`${served.url}/healthz`)).status).toBe(200);
    expect((await fetch(`${served.url}/readyz`)).status).toBe(200);
    expect(await generate(served, token)).toMatchObject({
      data: { generate: { __typename: 'GenerationAccepted', quota: { remaining: 9 } } },
    });
    const ended = await served.end('SIGTERM');
    expect(ended.code).toBe(0);
    expect(ended.stderr).not.toContain(token);
  });

  it('should refuse a second process on the same DATA_DIR, and no other', async () => {
    await serveGenquota({ DATA_DIR: dataDir });
    const second = await genquota(['serve'], { DATA_DIR: dataDir, PORT: '0' });
    expect(second).toMatchObject({ code: 1, stdout: '' });
    expect(second.stderr).toContain(`DATA_DIR ${dataDir} belongs to another`);
    await serveGenquota({ DATA_DIR: join(dataDir, 'another') });
  });

  it('should start again on the same DATA_DIR after a SIGKILL, with nothing forgotten', async () => {
    const first = await serveGenquota({ DATA_DIR: dataDir });
    const [token = ''] = TOKEN.exec(first.banner) ?? [];
    await generate(first, token);
    await eventually(async () => {
      expect(await used(first, token)).toEqual({ used: 1, held: 0 });
    });
    await first.end('SIGKILL');
    const second = await serveGenquota({ DATA_DIR: dataDir });
    expect(await used(second, token)).toEqual({ used: 1, held: 0 });
  });

  it('should say which port is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const port = String((other.address() as AddressInfo).port);
    const ended = await genquota(['serve'], { DATA_DIR: dataDir, PORT: port });
    other.close();
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toContain(`PORT ${port} on 127.0.0.1 is in use`);
  });

  it('should wait for what is in flight, but not after a second signal', async () => {
    const served = await serveGenquota({ DATA_DIR: dataDir, DRAIN: '20s' });
    const [token = ''] = TOKEN.exec(served.banner) ?? [];
    await generate(served, token, { outcome: 'hang' });
    const begin = Date.now();
    served.child.kill('SIGINT');
    const early = await Promise.race([served.ended, new Promise((wake) => setTimeout(wake, 600))]);
    expect(early).toBeUndefined();
    expect((await served.end('SIGINT')).code).toBe(1);
    expect(Date.now() - begin).toBeLessThan(5_000);
  });

  it('should hand back what does not end within DRAIN, and end with 0', async () => {
    const served = await serveGenquota({ DATA_DIR: dataDir, DRAIN: '1s' });
    const [token = ''] = TOKEN.exec(served.banner) ?? [];
    await generate(served, token, { outcome: 'hang' });
    expect((await served.end('SIGTERM')).code).toBe(0);
  });
});

describe('genquota audit', () => {
  it('should check a ledger file beside its running server, and say what it cannot see', async () => {
    const none = await genquota(['audit'], { DATA_DIR: dataDir });
    expect(none).toMatchObject({ code: 1, stdout: '' });
    expect(none.stderr).toContain('has no ledger yet');
    const served = await serveGenquota({ DATA_DIR: dataDir });
    const [token = ''] = TOKEN.exec(served.banner) ?? [];
    await generate(served, token);
    const { code, stdout } = await genquota(['audit'], { DATA_DIR: dataDir });
    expect(stdout).toMatch(/^Ledger: 1 accounts, 1 generations, [12] entries\.\n/);
    expect(stdout).toMatch(/lives in the server.*\nNo violations\.\n$/);
    expect(code).toBe(0);
  });
});

describe('genquota as a service', () => {
  it('should migrate, serve and audit, and find what does not agree', async () => {
    const env = {
      ...{ MYSQL_URL: await freshMysqlUrl(), REDIS_URL: redisUrl(), DATA_DIR: dataDir },
      ...{ AUTH_SECRET: SECRET, DEFAULT_PLAN: 'core' },
    };
    const unmigrated = await genquota(['serve'], { ...env, MIGRATE: 'false' });
    expect(unmigrated).toMatchObject({ code: 1, stdout: '' });
    expect(unmigrated.stderr).toContain('genquota migrate');

    const stores = { MYSQL_URL: env.MYSQL_URL, REDIS_URL: env.REDIS_URL };
    const migrated = await genquota(['migrate', '--json'], stores);
    expect(JSON.parse(migrated.stdout)).toMatchObject({
      mode: 'service',
      ran: expect.arrayContaining([expect.stringMatching(/^Ledger/)]) as string[],
    });
    expect((await genquota(['migrate'], stores)).stdout).toBe('The ledger is up to date.\n');

    const served = await serveGenquota({ ...env, MIGRATE: 'false' });
    expect(served.banner).not.toMatch(TOKEN);
    const account = `cli-${crypto.randomUUID()}`;
    const token = (await genquota(['token', '--account', account], env)).stdout.trim();
    await generate(served, token);
    await eventually(async () => {
      expect(await used(served, token)).toEqual({ used: 1, held: 0 });
    });
    const ended = await served.end('SIGTERM');
    expect(ended.code).toBe(0);
    expect(ended.stderr).toContain('placeholders');

    const fine = await genquota(['audit', '--json'], stores);
    expect(JSON.parse(fine.stdout)).toMatchObject({
      mode: 'service',
      ok: true,
      ledger: { accounts: 1, generations: 1, entries: 2 },
      gate: { equal: 1, unknown: 0, pending: 0 },
    });
    expect(fine.code).toBe(0);

    const redis = new Redis(env.REDIS_URL);
    await redis.hincrby(
      `genquota:{${Buffer.from(account).toString('base64url')}}:gate`,
      'used',
      -1,
    );
    await redis.quit();
    const wrong = await genquota(['audit'], stores);
    expect(wrong.code).toBe(1);
    expect(wrong.stdout).toMatch(/1 violations: I3 1\.\n {2}I3 account "cli-.*used 0.*used 1/);
  }, 60_000);

  it('should say plainly when MySQL does not answer', async () => {
    const env = {
      MYSQL_URL: 'mysql://u:hunter2@127.0.0.1:1/x',
      REDIS_URL: redisUrl(),
      AUTH_SECRET: SECRET,
    };
    for (const command of ['serve', 'migrate', 'audit']) {
      const ended = await genquota([command], env);
      expect(ended).toMatchObject({ code: 1, stdout: '' });
      expect(ended.stderr).not.toMatch(/\n\s+at |hunter2/);
    }
  });
});
