import { EnvError, parseEnv, parseStores } from '../src/env.js';

const SECRET = 'a-secret-of-decent-length';
const SERVICE = { MYSQL_URL: 'mysql://u:p@db/genquota', REDIS_URL: 'redis://cache:6379' };

const AWS = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'aws-secret' };

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
      providersFile: null,
      s3: null,
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
    const env = parseEnv({ OPENAI_API_KEY: 'k', OUTPUTS_URL: 's3://outputs', ...AWS });
    expect(env.s3).not.toBeNull();
    const parts = [env, env.auth, env.auth.keys, env.openAi, env.s3];
    expect(parts.every(Object.isFrozen)).toBe(true);
  });

  it('should count empty values as unset and ignore unknown names', () => {
    const withoutSecrets = (record: Record<string, string>) => ({
      ...parseEnv(record),
      secretOf: null,
    });
    expect(
      withoutSecrets({ PORT: '', MYSQL_URL: '', AUTH_ISSUER: '', OPENAI_API_KEY: '', PORTT: 'x' }),
    ).toEqual(withoutSecrets({}));
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
      {
        openAi: {
          key: 'k',
          url: 'https://api.openai.com/v1',
          imageModel: 'gpt-image-1',
          speechModel: 'gpt-4o-mini-tts',
          voice: 'alloy',
        },
      },
    ],
    [
      { OPENAI_API_KEY: 'k', OPENAI_BASE_URL: 'http://127.0.0.1:9/v1/', OPENAI_MODEL: 'm' },
      { openAi: { key: 'k', url: 'http://127.0.0.1:9/v1', imageModel: 'm' } },
    ],
    [
      { OPENAI_API_KEY: 'k', OPENAI_SPEECH_MODEL: 's', OPENAI_VOICE: 'nova' },
      { openAi: { imageModel: 'gpt-image-1', speechModel: 's', voice: 'nova' } },
    ],
    [{ PROVIDERS_FILE: '/etc/g/providers.json' }, { providersFile: '/etc/g/providers.json' }],
    [
      { OUTPUTS_URL: 's3://outputs/eu?region=eu-central-1&endpoint=https://s3.example.com' },
      {
        outputsUrl: 's3://outputs/eu?region=eu-central-1&endpoint=https://s3.example.com',
        s3: null,
      },
    ],
    [
      { OUTPUTS_URL: 's3://outputs', ...AWS },
      { s3: { accessKeyId: 'id', secretAccessKey: 'aws-secret', sessionToken: null } },
    ],
    [
      { OUTPUTS_URL: 's3://outputs', ...AWS, AWS_SESSION_TOKEN: 't' },
      { s3: { accessKeyId: 'id', secretAccessKey: 'aws-secret', sessionToken: 't' } },
    ],
    // Set for something else: outputs do not lie in a bucket.
    [{ AWS_ACCESS_KEY_ID: 'id' }, { s3: null }],
    [{ OUTPUTS_URL: 'file:///srv/o', ...AWS }, { s3: null }],
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
    ['OUTPUTS_URL', 's3://'],
    ['OUTPUTS_URL', 's3://My_Bucket'],
    ['OUTPUTS_URL', 's3://id:secret@bucket'],
    ['OUTPUTS_URL', 's3://bucket/some prefix'],
    ['OUTPUTS_URL', 's3://bucket?reigon=eu-central-1'],
    ['OUTPUTS_URL', 's3://bucket?region='],
    ['OUTPUTS_URL', 's3://bucket?endpoint=s3.example.com'],
    ['OUTPUTS_URL', 's3://bucket?endpoint=https://id:secret@s3.example.com'],
    ['OUTPUTS_URL', 'https://bucket.s3.amazonaws.com'],
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

  it.each([
    [{ AWS_ACCESS_KEY_ID: 'id' }, /^AWS_SECRET_ACCESS_KEY: needed/],
    [{ AWS_SECRET_ACCESS_KEY: 'hunter2' }, /^AWS_ACCESS_KEY_ID: needed/],
    [
      { AWS_SESSION_TOKEN: 'hunter2' },
      /^AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY: needed .* unset them all/,
    ],
  ])('should refuse half of what signs requests to a bucket: %j', (half, expected) => {
    const problems = problemsOf({ OUTPUTS_URL: 's3://outputs', ...half });
    expect(problems).toEqual([expect.stringMatching(expected)]);
    expect(problems.join()).not.toContain('hunter2');
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

describe('secretOf', () => {
  const record = {
    ...SERVICE,
    ...AWS,
    AUTH_SECRET: SECRET,
    OUTPUTS_URL: 's3://outputs',
    OPENAI_API_KEY: 'k',
    STUDIO_KEY: 'studio',
    EMPTY_KEY: '',
  };
  const { secretOf } = parseEnv(record);

  it('should find variables that are set to something', () => {
    expect(['STUDIO_KEY', 'EMPTY_KEY', 'OTHER_KEY', 'constructor'].map(secretOf)).toEqual([
      'studio',
      null,
      null,
      null,
    ]);
  });

  it("should give none of the gateway's own away but the key meant for a provider", () => {
    const own = Object.keys(record).filter((name) => name !== 'STUDIO_KEY');
    expect(own.filter((name) => secretOf(name) !== null)).toEqual(['OPENAI_API_KEY']);
  });

  it('should not show when the settings are printed', () => {
    expect(JSON.stringify(parseEnv({ STUDIO_KEY: 'studio' }))).not.toContain('studio');
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
