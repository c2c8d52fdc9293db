import { EnvError, parseEnv, parseStores } from '../src/env.js';

const SECRET = 'a-secret-of-decent-length';
const SERVICE = { MYSQL_URL: 'mysql://u:p@db/genquota', REDIS_URL: 'redis://cache:6379' };

function problemsOf(record: Record<string, string>): readonly string[] {
  try {
    parseEnv(record);
  } catch (error) {
    if (error instanceof EnvError) return error.problems;
    throw error;
  }
  return [];
}

describe('parseEnv', () => {
  it('should run embedded with nothing set', () => {
    const env = parseEnv({});
    expect(env).toMatchObject({
      mode: 'embedded',
      port: 4000,
      host: '127.0.0.1',
      logLevel: 'info',
      defaultPlan: 'core',
      auth: { keys: { from: 'local' }, issuer: null, audience: null },
      deadlineMs: 600_000,
      leaseMs: 30_000,
      healAfterMs: 45_000,
      drainMs: 20_000,
      slots: 64,
      publicUrl: null,
      migrate: true,
      introspection: true,
      explorer: true,
      selfServicePlans: true,
      openAi: null,
    });
    expect(env.dataDir).toMatch(/^\/.*\/\.genquota$/);
    expect(env.outputsUrl).toMatch(/^file:\/\/\/.*\/\.genquota\/outputs$/);
    expect(env.catalogFile).toMatch(/^\/.*\/catalog\.json$/);
  });

  it('should run as a service with both stores set', () => {
    const env = parseEnv({ ...SERVICE, AUTH_SECRET: SECRET });
    expect(env).toMatchObject({
      mode: 'service',
      mysqlUrl: SERVICE.MYSQL_URL,
      redisUrl: SERVICE.REDIS_URL,
      defaultPlan: null,
      selfServicePlans: false,
      auth: { keys: { from: 'secret', secret: SECRET } },
    });
  });

  it('should freeze what it answers', () => {
    const env = parseEnv({ OPENAI_API_KEY: 'k' });
    expect([env, env.auth, env.auth.keys, env.openAi].every(Object.isFrozen)).toBe(true);
  });

  it('should count empty values as unset and ignore unknown names', () => {
    expect(parseEnv({ PORT: '', MYSQL_URL: '', AUTH_ISSUER: '', PORTT: 'x' })).toEqual(
      parseEnv({}),
    );
  });

  it.each([
    [{ PORT: '0' }, { port: 0 }],
    [{ HOST: '0.0.0.0' }, { host: '0.0.0.0' }],
    [{ GENERATION_DEADLINE: '2h' }, { deadlineMs: 7_200_000 }],
    [
      { LEASE: '2s', HEAL_AFTER: '3s', DRAIN: '0s' },
      { leaseMs: 2000, healAfterMs: 3000, drainMs: 0 },
    ],
    [{ DEFAULT_PLAN: 'plus' }, { defaultPlan: 'plus' }],
    [{ DATA_DIR: '/srv/g' }, { dataDir: '/srv/g', outputsUrl: 'file:///srv/g/outputs' }],
    [{ OUTPUTS_URL: 'file:///srv/o' }, { outputsUrl: 'file:///srv/o' }],
    [{ PUBLIC_URL: 'https://gen.example.com/' }, { publicUrl: 'https://gen.example.com' }],
    [{ MIGRATE: 'false' }, { migrate: false }],
    [{ NODE_ENV: 'production' }, { introspection: false, explorer: false }],
    [
      { NODE_ENV: 'production', EXPLORER: 'true' },
      { introspection: false, explorer: true },
    ],
    [{ INTROSPECTION: 'false' }, { introspection: false, explorer: true }],
    [{ SELF_SERVICE_PLANS: 'false' }, { selfServicePlans: false }],
    [
      { OPENAI_API_KEY: 'k' },
      { openAi: { key: 'k', url: 'https://api.openai.com/v1', model: 'gpt-image-1' } },
    ],
    [
      { OPENAI_API_KEY: 'k', OPENAI_BASE_URL: 'http://127.0.0.1:9/v1/', OPENAI_MODEL: 'm' },
      { openAi: { key: 'k', url: 'http://127.0.0.1:9/v1', model: 'm' } },
    ],
    [
      { AUTH_JWKS_URL: 'https://id/jwks', AUTH_ISSUER: 'i', AUTH_AUDIENCE: 'a' },
      { auth: { keys: { from: 'jwks', url: 'https://id/jwks' }, issuer: 'i', audience: 'a' } },
    ],
  ])('should read %j', (record, expected) => {
    expect(parseEnv(record)).toMatchObject(expected);
  });

  it.each([
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '4e3'],
    ['PORT', ' 4000'],
    ['LOG_LEVEL', 'loud'],
    ['GENERATION_DEADLINE', '3h'],
    ['GENERATION_DEADLINE', '10'],
    ['LEASE', '0s'],
    ['HEAL_AFTER', '2 minutes'],
    ['SLOTS', '0'],
    ['OUTPUTS_URL', '/srv/outputs'],
    ['OUTPUTS_URL', 's3://bucket'],
    ['PUBLIC_URL', 'gen.example.com'],
    ['MIGRATE', 'maybe'],
    ['AUTH_SECRET', 'too-short'],
    ['AUTH_JWKS_URL', 'file:///etc/keys'],
    ['OPENAI_BASE_URL', 'nowhere'],
  ])('should refuse %s=%s and name it', (name, value) => {
    const problems = problemsOf({ [name]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${name}: expected `));
  });

  it('should name all that is wrong at once, rules between variables included', () => {
    const problems = problemsOf({ PORT: 'x', LEASE: 'y', REDIS_URL: 'http://cache' });
    expect(problems.map((problem) => problem.split(':')[0])).toEqual([
      'REDIS_URL',
      'PORT',
      'LEASE',
      'MYSQL_URL',
      'AUTH_SECRET, AUTH_JWKS_URL',
    ]);
  });

  it('should want the database in MYSQL_URL', () => {
    const record = { ...SERVICE, AUTH_SECRET: SECRET, MYSQL_URL: 'mysql://u:p@db' };
    expect(problemsOf(record)).toEqual([expect.stringMatching(/^MYSQL_URL: .*\/database$/)]);
  });

  it('should refuse one store without the other', () => {
    expect(problemsOf({ MYSQL_URL: SERVICE.MYSQL_URL, AUTH_SECRET: SECRET })).toEqual([
      expect.stringMatching(/^REDIS_URL: /),
    ]);
    expect(problemsOf({ REDIS_URL: SERVICE.REDIS_URL, AUTH_SECRET: SECRET })).toEqual([
      expect.stringMatching(/^MYSQL_URL: /),
    ]);
  });

  it('should refuse a secret and a key set together, and a service with neither', () => {
    const both = { AUTH_SECRET: SECRET, AUTH_JWKS_URL: 'https://id/jwks' };
    expect(problemsOf(both)).toEqual([expect.stringContaining('not both')]);
    expect(problemsOf(SERVICE)).toEqual([expect.stringContaining('needs one of them')]);
  });

  it('should never quote a value that may hold a secret', () => {
    const problems = problemsOf({
      MYSQL_URL: 'postgres://u:hunter2@db/x',
      REDIS_URL: 'http://:hunter2@cache',
      AUTH_SECRET: 'hunter2',
    });
    expect(problems).toHaveLength(3);
    expect(problems.join()).not.toContain('hunter2');
  });
});

describe('parseStores', () => {
  it('should need no signing secret', () => {
    expect(parseStores(SERVICE)).toMatchObject({ mode: 'service', healAfterMs: 45_000 });
  });

  it('should refuse one store without the other', () => {
    expect(() => parseStores({ MYSQL_URL: SERVICE.MYSQL_URL })).toThrow(/REDIS_URL/);
  });
});
