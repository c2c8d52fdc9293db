import type { Job, Outcome } from '../src/provider.js';
import type { OpenAiOptions } from '../src/provider/openai.js';
import { downloadOf } from '../src/provider/openai/endpoint.js';
import { providerContract } from './contract/provider.contract.js';
import { bytesOf } from './contract/provider.samples.js';
import type { OpenAiStandIn } from './standins/openai.js';
import { pictureOf } from './standins/openai-replies.js';
import type { Reply } from './standins/openai-replies.js';
import { BLOCKED, KEY, PROMPT, jobOf, startOpenAiSetup } from './standins/openai-setup.js';
import type { OpenAiSetup } from './standins/openai-setup.js';

/** The whole bytes of what was delivered. */
function delivered(outcome: Outcome): Promise<Buffer[]> {
  if (outcome.kind !== 'delivered') throw new Error(outcome.failure.message);
  return Promise.all(outcome.files.map((file) => bytesOf(file.content)));
}

describe('makeOpenAi, making pictures', () => {
  let setup: OpenAiSetup;
  let standIn: OpenAiStandIn;
  let connect: OpenAiSetup['connect'];
  let dispatch: OpenAiSetup['dispatch'];

  beforeEach(async () => {
    setup = await startOpenAiSetup();
    ({ standIn, connect, dispatch } = setup);
  });
  afterEach(() => standIn.dispose());

  it('should ask as the API has it, with the generation as idempotency key', async () => {
    const settings = { size: '1024x1024', quality: 'low', format: 'webp', sketch: { seed: 1 } };
    const job = jobOf({ settings });
    await dispatch(connect(), job);
    const [request] = standIn.requests;
    expect(request!.path).toBe('images/generations');
    expect(request!.body).toEqual({
      model: 'gpt-image-1',
      prompt: PROMPT,
      n: 2,
      size: '1024x1024',
      quality: 'low',
      output_format: 'webp',
    });
    expect(request!.headers).toMatchObject({
      authorization: `Bearer ${KEY}`,
      'idempotency-key': job.id,
      'content-type': 'application/json',
    });
  });

  it.each(['image', 'style', 'frame', 'changes'] as const)(
    'should draw from the prompt alone for the kind %s',
    async (kind) => {
      await delivered(await dispatch(connect(), jobOf({ kind })));
      expect(standIn.requests.map((request) => request.path)).toEqual(['images/generations']);
    },
  );

  it.each(['png', 'jpeg', 'webp'] as const)('should hand on %s as it came', async (format) => {
    standIn.next({ kind: 'images', format });
    const files = await delivered(await dispatch(connect()));
    expect(files).toEqual([await pictureOf(0, format), await pictureOf(1, format)]);
  });

  it('should download what comes as an address, without the key', async () => {
    standIn.next({ kind: 'images', as: 'url' });
    const files = await delivered(await dispatch(connect({ url: `${standIn.url}/` })));
    expect(files).toEqual([await pictureOf(0, 'png'), await pictureOf(1, 'png')]);
    expect(standIn.downloads.map((download) => download.headers.authorization)).toEqual([
      undefined,
      undefined,
    ]);
  });

  it('should repeat a download that fails, and not the generation', async () => {
    standIn.next({ kind: 'images', as: 'url', count: 1 });
    standIn.nextDownload({ kind: 'reset' }, { kind: 'error', status: 503 });
    const outcome = await dispatch(connect(), jobOf({ outputCount: 1 }));
    expect(outcome.kind).toBe('delivered');
    expect([standIn.requests.length, standIn.downloads.length]).toEqual([1, 3]);
  });

  it('should leave out what cannot be had, and deliver the rest', async () => {
    standIn.next({ kind: 'images', as: 'url' });
    standIn.nextDownload({ kind: 'error', status: 404 });
    const outcome = await dispatch(connect());
    expect(await delivered(outcome)).toHaveLength(1);
  });

  it.each<[string, Reply]>([
    ['a page', { kind: 'raw', contentType: 'text/html; charset=utf-8', body: '<html></html>' }],
    ['a message', { kind: 'raw', contentType: 'application/problem+json', body: '{}' }],
    ['nothing', { kind: 'raw', body: '' }],
    ['what comes with a 404', { kind: 'raw', status: 404, body: 'no such file' }],
    ['a redirect', { kind: 'raw', status: 302, body: '', headers: { location: '/files/0' } }],
  ])('should not take %s for a picture', async (_, reply) => {
    standIn.next({ kind: 'images', as: 'url' });
    standIn.nextDownload(reply);
    expect(await delivered(await dispatch(connect()))).toHaveLength(1);
    expect(standIn.downloads).toHaveLength(2);
  });

  it('should deliver fewer when fewer came, and no more than asked for', async () => {
    standIn.next({ kind: 'images', count: 1, blocked: 1 }, { kind: 'images', count: 5 });
    const provider = connect();
    const counts = [await dispatch(provider), await dispatch(provider)].map((outcome) =>
      outcome.kind === 'delivered' ? outcome.files.length : outcome.kind,
    );
    expect(counts).toEqual([1, 2]);
  });

  it.each<[string, Reply]>([
    ['moderation_blocked', BLOCKED],
    ['content_policy_violation', { kind: 'error', status: 400, code: 'content_policy_violation' }],
    [
      'a user error about safety',
      {
        kind: 'error',
        status: 400,
        type: 'image_generation_user_error',
        message: 'Your request was rejected by the safety system.',
      },
    ],
  ])('should answer %s as blocked, asking once', async (_, reply) => {
    standIn.next(reply);
    expect(await dispatch(connect())).toMatchObject({
      kind: 'blocked',
      failure: { code: 'BLOCKED' },
    });
    expect(standIn.requests).toHaveLength(1);
  });

  it.each<[string, Reply]>([
    ['no pictures', { kind: 'images', count: 0 }],
    ['only pictures held back', { kind: 'images', count: 0, blocked: 2 }],
    ['malformed JSON', { kind: 'raw', body: '{"data": [', contentType: 'application/json' }],
    ['a page', { kind: 'raw', body: '<html>Welcome</html>', contentType: 'text/html' }],
    ['JSON of another shape', { kind: 'raw', body: '{"data": {"b64_json": "x"}}' }],
    ['items of wrong types', { kind: 'items', items: [1, null, { b64_json: 5 }, { url: {} }] }],
    ['base64 of nothing', { kind: 'items', items: [{ b64_json: '====' }] }],
  ])('should fail on %s, asking once', async (_, reply) => {
    standIn.next(reply);
    expect(await dispatch(connect())).toMatchObject({
      kind: 'failed',
      failure: { code: 'PROVIDER_FAILED', retryable: true },
    });
    expect(standIn.requests).toHaveLength(1);
  });

  it.each<[string, Reply]>([
    ['401', { kind: 'error', status: 401, code: 'invalid_api_key', message: `Incorrect: ${KEY}` }],
    ['403', { kind: 'error', status: 403 }],
    ['404', { kind: 'error', status: 404, code: 'model_not_found' }],
    ['no credit', { kind: 'error', status: 429, code: 'insufficient_quota' }],
    [
      'a redirect',
      { kind: 'raw', status: 307, body: '', headers: { location: 'http://[::1]:9/' } },
    ],
  ])('should log %s as an error to mend, asking once', async (_, reply) => {
    standIn.next(reply);
    expect(await dispatch(connect())).toMatchObject({
      kind: 'failed',
      failure: { retryable: false, message: expect.stringContaining('misconfigured') as string },
    });
    expect(standIn.requests).toHaveLength(1);
    expect(setup.logged.map((line) => line.level)).toContain('error');
  });

  it('should name the reason of another refusal, but not quote it', async () => {
    const message = `Invalid "${PROMPT}" for ${KEY} at ${standIn.url}`;
    standIn.next({ kind: 'error', status: 400, code: 'invalid_value', message });
    const outcome = await dispatch(connect());
    expect(outcome).toMatchObject({ kind: 'failed', failure: { retryable: false } });
    if (outcome.kind === 'failed') expect(outcome.failure.message).toContain('invalid_value');
    expect(JSON.stringify(outcome)).not.toContain(PROMPT);
  });

  it('should show neither key, prompt nor address, in answers or in the log', async () => {
    const message = `"${PROMPT}" ${KEY} ${standIn.url}`;
    const code = `${KEY} ${PROMPT}`;
    standIn.next(
      { kind: 'error', status: 400, code, message },
      { kind: 'error', status: 401, code, message },
      { kind: 'error', status: 500, code, message },
      { kind: 'reset' },
      { kind: 'raw', body: message },
    );
    const provider = connect();
    const outcomes = [await dispatch(provider), await dispatch(provider), await dispatch(provider)];
    const shown = JSON.stringify([outcomes, setup.logged]);
    expect(setup.logged.length).toBeGreaterThan(3);
    expect(shown).not.toContain(PROMPT);
    expect(shown).not.toContain(KEY);
    expect(shown).not.toContain('127.0.0.1');
  });

  it('should fetch nothing from another place that is not public', async () => {
    const other = await startOpenAiSetup();
    const url = `${other.standIn.url.replace('/v1', '')}/files/0`;
    standIn.next({ kind: 'items', items: [{ url }] });
    expect((await dispatch(connect())).kind).toBe('failed');
    expect(other.standIn.downloads).toEqual([]);
    await other.standIn.dispose();
  });

  it.each<[string, Partial<Job>]>([
    ['no videos', { kind: 'video' }],
    ['no texts', { kind: 'prompt' }],
    ['a prompt', { prompt: null }],
    ['a prompt', { prompt: '  ' }],
    ['settings.size', { settings: { size: 'big' } }],
    ['settings.quality', { settings: { quality: 'best' } }],
    ['settings.format', { settings: { format: 'bmp' } }],
  ])('should say %s about %j, and not ask', async (what, content) => {
    const provider = connect();
    expect(provider.check?.(jobOf(content))).toContain(what);
    expect((await dispatch(provider, jobOf(content))).kind).toBe('failed');
    expect(standIn.requests).toHaveLength(0);
  });

  it('should refuse pictures where only a speech model is named', () => {
    const provider = connect({ imageModel: null });
    expect(provider.check?.(jobOf())).toContain('makes no pictures');
  });

  it.each<[string, Partial<OpenAiOptions>]>([
    ['url', { url: 'nonsense' }],
    ['url', { url: 'ftp://host/v1' }],
    ['url', { url: 'https://user:secret@host/v1' }],
    ['key', { key: 'two words' }],
    ['key', { key: '' }],
    ['model', { imageModel: null, speechModel: null }],
  ])('should refuse a bad %s when it is made', (what, options) => {
    expect(() => connect(options)).toThrow(what);
    expect(() => connect(options)).not.toThrow(/secret|two words/);
  });
});

describe('downloadOf', () => {
  const base = new URL('http://127.0.0.1:9/v1/');

  it.each([
    'nonsense',
    'file:///etc/hostname',
    'http://example.com/a.png',
    'http://127.0.0.1:10/a.png',
    'https://user@example.com/a.png',
    'https://127.0.0.1/a.png',
    'https://0x7f.1/a.png',
    'https://[::1]/a.png',
    'https://[::ffff:10.0.0.1]/a.png',
    'https://169.254.169.254/latest/meta-data/',
    'https://localhost/a.png',
    'https://localhost./a.png',
    'https://vault/a.png',
    'https://vault.internal/a.png',
  ])('should not fetch from %s', (url) => {
    expect(downloadOf(url, base)).toBeNull();
  });

  it.each(['http://127.0.0.1:9/files/a.png', 'https://pictures.example.com/a.png?signature=x'])(
    'should fetch from %s, without the key',
    (url) => {
      expect(downloadOf(url, base)).toEqual({
        url,
        method: 'GET',
        headers: { accept: 'image/*' },
      });
    },
  );
});

providerContract('openai', async () => {
  const { standIn, connect } = await startOpenAiSetup();
  const replies: Record<string, Reply> = {
    deliver: { kind: 'images' },
    'deliver some': { kind: 'images', count: 1, blocked: 1 },
    fail: { kind: 'error', status: 500 },
    block: BLOCKED,
    hang: { kind: 'stall', after: 'head' },
  };
  return {
    provider: connect(),
    job: (ending) => {
      standIn.otherwise(replies[ending]!);
      return jobOf();
    },
    dispose: () => standIn.dispose(),
  };
});
