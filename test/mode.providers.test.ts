import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../src/clock.js';
import { parseEnv } from '../src/env.js';
import { makeProviders } from '../src/mode/providers.js';
import { aJob } from './contract/provider.samples.js';
import { startOpenAiStandIn } from './standins/openai.js';
import { recordingLog } from './world/log.js';

const CALLBACK_SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const studio = {
  name: 'studio',
  type: 'http',
  url: 'https://studio.example.com',
  keyEnv: 'STUDIO_KEY',
};

describe('makeProviders', () => {
  let directory: string;
  let file: string;
  let log: ReturnType<typeof recordingLog>;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'genquota-providers-'));
    file = join(directory, 'providers.json');
    log = recordingLog();
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  async function made(content: unknown, record: Record<string, string> = {}) {
    await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
    const env = parseEnv({ PROVIDERS_FILE: file, STUDIO_KEY: 'sk-studio', ...record });
    return makeProviders(env, log, systemClock);
  }

  it('should have the built-in ones where nothing is configured', async () => {
    const providers = await makeProviders(parseEnv({}), log, systemClock);
    expect([...providers.keys()]).toEqual(['sketch', 'builtin']);
  });

  it('should add the one of OPENAI_API_KEY and those of the file, by their names', async () => {
    const providers = await made({ providers: [studio] }, { OPENAI_API_KEY: 'k' });
    expect([...providers.keys()]).toEqual(['sketch', 'builtin', 'openai', 'studio']);
    for (const [name, provider] of providers) expect(provider.name).toBe(name);
  });

  it('should reach the endpoint of the file with the key of its variable', async () => {
    const standIn = await startOpenAiStandIn();
    const { url } = standIn;
    const pictures = { name: 'pictures', type: 'openai', url, keyEnv: 'P_KEY', imageModel: 'm' };
    const providers = await made({ providers: [pictures] }, { P_KEY: 'sk-pictures' });
    const { signal } = new AbortController();
    const outcome = await providers.get('pictures')?.dispatch(aJob(), signal);
    await standIn.dispose();
    expect(outcome?.kind).toBe('delivered');
    expect(standIn.requests).toMatchObject([
      { headers: { authorization: 'Bearer sk-pictures' }, body: { model: 'm' } },
    ]);
  });

  it('should take callbacks where a secret is set, and warn where they cannot be sent', async () => {
    const json = { providers: [{ ...studio, callbackSecretEnv: 'STUDIO_SECRET' }] };
    const secret = { STUDIO_SECRET: CALLBACK_SECRET };
    await made(json, { ...secret, PUBLIC_URL: 'https://gen.example.com' });
    expect(log.lines).toEqual([]);
    const providers = await made(json, secret);
    expect(providers.get('studio')).toHaveProperty('readCallback');
    expect(log.lines).toMatchObject([{ level: 'warn', facts: { provider: 'studio' } }]);
  });

  it('should say which file is missing', async () => {
    const env = parseEnv({ PROVIDERS_FILE: file });
    await expect(makeProviders(env, log, systemClock)).rejects.toThrow(
      `PROVIDERS_FILE ${file} cannot be read: `,
    );
  });

  it('should say that a file is not JSON, without quoting it', async () => {
    const broken = made('{"providers": [{"key": sk-secret}]}');
    await expect(broken).rejects.toThrow(/^PROVIDERS_FILE .*\n {2}it is not valid JSON$/);
  });

  it('should name all that is wrong in the file', async () => {
    const broken = made({ providers: [{ ...studio, keyEnv: 'OTHER', url: 'x' }] });
    await expect(broken).rejects.toThrow(
      /^PROVIDERS_FILE .*: It has 2 errors:\n {2}providers\[0\]\.url: .*\n {2}providers\[0\]\.keyEnv: /,
    );
  });

  it('should name all that the providers themselves find wrong', async () => {
    const plain = { ...studio, name: 'plain', url: 'http://studio.example.com' };
    const spaced = { ...studio, keyEnv: 'SPACED_KEY' };
    const broken = made({ providers: [plain, spaced] }, { SPACED_KEY: 'two words' });
    await expect(broken).rejects.toThrow(/ 2 errors:\n.* plain: .*https.*\n.* studio: .*key/);
    await expect(broken).rejects.not.toThrow('two words');
  });
});
