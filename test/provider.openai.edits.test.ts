import { aSource } from './contract/provider.samples.js';
import { providerContract } from './contract/provider.contract.js';
import type { Job, Source } from '../src/provider.js';
import type { OpenAiStandIn } from './standins/openai.js';
import { pictureOf } from './standins/openai-replies.js';
import type { Reply } from './standins/openai-replies.js';
import { BLOCKED, KEY, PROMPT, jobOf, startOpenAiSetup } from './standins/openai-setup.js';
import type { OpenAiSetup } from './standins/openai-setup.js';

/** An edit of these pictures, of which two are wanted. */
function editOf(sources: Source[], rest: Partial<Job> = {}): Job {
  const inputs = sources.map((source) => source.id);
  return jobOf({ action: 'image.edit', sources, inputs, ...rest });
}

describe('makeOpenAi, working on pictures', () => {
  let setup: OpenAiSetup;
  let standIn: OpenAiStandIn;
  let connect: OpenAiSetup['connect'];
  let dispatch: OpenAiSetup['dispatch'];
  let png: Buffer;
  let webp: Buffer;

  beforeAll(async () => {
    png = await pictureOf(3, 'png');
    webp = await pictureOf(5, 'webp');
  });
  beforeEach(async () => {
    setup = await startOpenAiSetup();
    ({ standIn, connect, dispatch } = setup);
  });
  afterEach(() => standIn.dispose());

  it('should send one picture with the prompt, byte for byte', async () => {
    const settings = { size: '1024x1024', quality: 'high', format: 'jpeg' };
    const job = editOf([aSource(png)], { settings });
    expect((await dispatch(connect(), job)).kind).toBe('delivered');
    const [request] = standIn.requests;
    expect(request).toMatchObject({
      path: 'images/edits',
      headers: {
        authorization: `Bearer ${KEY}`,
        'idempotency-key': job.id,
        // Of a known length: some servers take no other.
        'content-length': expect.any(String) as string,
      },
    });
    expect(request!.body).toEqual({
      model: 'gpt-image-1',
      prompt: PROMPT,
      n: '2',
      size: '1024x1024',
      quality: 'high',
      output_format: 'jpeg',
    });
    expect(request!.files).toEqual([
      { field: 'image', name: 'image-1.png', type: 'image/png', bytes: png },
    ]);
  });

  it('should send several pictures in their order', async () => {
    const sources = [aSource(webp, { contentType: 'image/webp' }), aSource(png)];
    await dispatch(connect(), editOf(sources));
    const { files } = standIn.requests[0]!;
    expect(files.map(({ field, name }) => [field, name])).toEqual([
      ['image[]', 'image-1.webp'],
      ['image[]', 'image-2.png'],
    ]);
    expect(files.map(({ bytes }) => bytes)).toEqual([webp, png]);
  });

  it('should carry any bytes', async () => {
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, at) => (at * 7919) % 256));
    const tricky = Buffer.concat([bytes, Buffer.from('\r\n------formdata-undici-0123--\r\n')]);
    await dispatch(connect(), editOf([aSource(tricky)]));
    expect(standIn.requests[0]!.files[0]!.bytes.equals(tricky)).toBe(true);
  });

  it('should tell the model which picture is a style only', async () => {
    const style = { kind: 'style' } as const;
    await dispatch(connect(), editOf([aSource(png), aSource(webp, style), aSource(png, style)]));
    const { prompt } = standIn.requests[0]!.body;
    expect(prompt).toMatch(new RegExp(`^${PROMPT}\\s+.*image 2 and 3\\b.*look`));
  });

  it.each([
    ['image.generate', 'image'],
    ['changes.generate', 'changes'],
    ['style.create', 'style'],
    ['frame.start.generate', 'frame'],
  ] as const)('should work on the inputs of %s', async (action, kind) => {
    await dispatch(connect(), editOf([aSource(png)], { action, kind }));
    expect(standIn.requests.map((request) => request.path)).toEqual(['images/edits']);
  });

  it('should read the inputs once and send them again with every repeat', async () => {
    standIn.next({ kind: 'error', status: 503 }, { kind: 'cut' });
    let reads = 0;
    const read = (): Promise<Buffer> => {
      reads += 1;
      return Promise.resolve(png);
    };
    const outcome = await dispatch(connect(), editOf([aSource(png, { read })]));
    expect([outcome.kind, reads]).toEqual(['delivered', 1]);
    expect(standIn.requests.map(({ files }) => files[0]!.bytes.equals(png))).toEqual([
      true,
      true,
      true,
    ]);
  });

  it('should fail when an input cannot be read, without asking', async () => {
    const read = (): Promise<Buffer> => Promise.reject(new Error('gone'));
    const outcome = await dispatch(connect(), editOf([aSource(png), aSource(png, { read })]));
    expect(outcome).toMatchObject({ kind: 'failed', failure: { code: 'PROVIDER_FAILED' } });
    expect(standIn.requests).toHaveLength(0);
    expect(setup.logged).toMatchObject([{ level: 'warn' }]);
  });

  it('should end with the reason when it is stopped while an input is read', async () => {
    const stop = new AbortController();
    const read = (): Promise<Buffer> => new Promise(() => undefined);
    const dispatched = connect().dispatch(editOf([aSource(png, { read })]), stop.signal);
    const reason = new Error('the deadline passed');
    stop.abort(reason);
    await expect(dispatched).rejects.toBe(reason);
  });

  it('should answer a block as blocked', async () => {
    standIn.next(BLOCKED);
    expect((await dispatch(connect(), editOf([aSource(png)]))).kind).toBe('blocked');
  });

  it.each<[string, Partial<Source>[]]>([
    ['inputs[1] is image/gif', [{}, { contentType: 'image/gif' }]],
    ['inputs[0] is video/mp4', [{ contentType: 'video/mp4' }]],
    ['it moves', [{ contentType: 'image/webp', durationMs: 2_000 }]],
    ['at most 16 pictures', Array.from({ length: 17 }, () => ({}))],
    ['inputs has 32.1 MiB', [{ bytes: 20 * 2 ** 20 }, { bytes: 12.1 * 2 ** 20 }]],
  ])('should say %s, and not ask', async (what, sources) => {
    const provider = connect();
    const job = editOf(sources.map((source) => aSource(png, source)));
    expect(provider.check?.(job)).toContain(what);
    expect((await dispatch(provider, job)).kind).toBe('failed');
    expect(standIn.requests).toHaveLength(0);
  });
});

providerContract('openai, working on pictures', async () => {
  const { standIn, connect } = await startOpenAiSetup();
  const source = aSource(await pictureOf(0, 'png'));
  const replies: Record<string, Reply> = {
    deliver: { kind: 'images' },
    'deliver some': { kind: 'images', count: 1, blocked: 1 },
    fail: { kind: 'error', status: 500 },
    block: BLOCKED,
    hang: { kind: 'stall', after: 'nothing' },
  };
  return {
    provider: connect(),
    job: (ending) => {
      standIn.otherwise(replies[ending]!);
      return editOf([source]);
    },
    dispose: () => standIn.dispose(),
  };
});
