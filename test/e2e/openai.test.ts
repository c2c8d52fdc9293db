import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodePng } from '../decode-png.js';
import { startOpenAiStandIn, type OpenAiStandIn } from '../standins/openai.js';
import { soundOf } from '../standins/openai-replies.js';
import { MODES } from '../world/world.js';
import { ended, QUOTA, startGateway, type Gateway } from './gateway.js';

const SERVED: Record<string, string> = {
  'image.generate': 'openai',
  'audio.generate': 'openai',
  'image.edit': 'retouch',
};

async function download(url: string): Promise<Buffer> {
  const response = await fetch(url);
  expect(response.status).toBe(200);
  return Buffer.from(await response.arrayBuffer());
}

describe.each(MODES)('an OpenAI-compatible provider, %s', (mode) => {
  let openai: OpenAiStandIn;
  let retouch: OpenAiStandIn;
  let directory: string;
  let gateway: Gateway;
  beforeAll(async () => {
    openai = await startOpenAiStandIn();
    retouch = await startOpenAiStandIn();
    directory = await mkdtemp(join(tmpdir(), 'genquota-catalog-'));
    const catalog = JSON.parse(await readFile('catalog.json', 'utf8'));
    for (const action of catalog.actions) action.provider = SERVED[action.id] ?? action.provider;
    const catalogFile = join(directory, 'catalog.json');
    await writeFile(catalogFile, JSON.stringify(catalog));
    const providersFile = join(directory, 'providers.json');
    const provider = { name: 'retouch', type: 'openai', url: retouch.url, keyEnv: 'RETOUCH_KEY' };
    const providers = [{ ...provider, imageModel: 'brush-2' }];
    await writeFile(providersFile, JSON.stringify({ providers }));
    gateway = await startGateway(mode, {
      CATALOG_FILE: catalogFile,
      PROVIDERS_FILE: providersFile,
      RETOUCH_KEY: 'key-of-retouch',
      OPENAI_API_KEY: 'key-of-the-deployment',
      OPENAI_BASE_URL: openai.url,
      GENERATION_DEADLINE: '3s',
    });
  });
  afterAll(async () => {
    await gateway.stop();
    await openai.dispose();
    await retouch.dispose();
    await rm(directory, { recursive: true, force: true });
  });

  it('should deliver, post, and send the generation’s id as the idempotency key', async () => {
    const caller = await gateway.as('delivered');
    const generation = await ended(caller, { outputCount: 2 });
    expect(generation).toMatchObject({ status: 'SUCCEEDED', charge: { status: 'POSTED' } });
    const picture = decodePng(await download(generation.outputs[1].url as string));
    expect([picture.width, picture.height]).toEqual([96, 64]);
    expect(openai.requests.at(-1)).toMatchObject({
      headers: {
        authorization: 'Bearer key-of-the-deployment',
        'idempotency-key': generation.id,
      },
      body: { n: 2, prompt: 'a quiet harbour' },
    });
  });

  it('should edit an earlier output at the provider of the file, with the key of its variable', async () => {
    const caller = await gateway.as('edited');
    const [drawn] = (await ended(caller)).outputs;
    const generation = await ended(caller, { action: 'image.edit', inputs: [drawn.id] });
    expect(generation).toMatchObject({ status: 'SUCCEEDED', outputs: [{ width: 96 }] });
    const [request] = retouch.requests;
    expect(request).toMatchObject({
      path: 'images/edits',
      headers: { authorization: 'Bearer key-of-retouch', 'idempotency-key': generation.id },
      body: { model: 'brush-2' },
    });
    expect(request!.files.map(({ bytes }) => bytes)).toEqual([await download(drawn.url as string)]);
  });

  it('should deliver speech', async () => {
    const caller = await gateway.as('spoken');
    const generation = await ended(caller, { action: 'audio.generate' });
    expect(generation).toMatchObject({
      status: 'SUCCEEDED',
      outputs: [{ contentType: 'audio/wav' }],
    });
    expect(await download(generation.outputs[0].url as string)).toEqual(soundOf());
    expect(openai.requests.at(-1)).toMatchObject({
      path: 'audio/speech',
      body: { voice: 'alloy', input: 'a quiet harbour' },
    });
  });

  it('should deliver nothing that is no picture, and charge nothing', async () => {
    const page = Buffer.from('<html><script>alert(1)</script></html>').toString('base64');
    openai.next({ kind: 'items', items: [{ b64_json: page }] });
    const caller = await gateway.as('page');
    expect(await ended(caller)).toMatchObject({
      status: 'FAILED',
      charge: { status: 'RESTORED' },
      outputs: [],
    });
  });

  it('should map a moderation refusal to BLOCKED, which costs nothing', async () => {
    openai.next({ kind: 'error', status: 400, code: 'moderation_blocked' });
    const caller = await gateway.as('blocked');
    expect(await ended(caller)).toMatchObject({
      status: 'BLOCKED',
      charge: { status: 'RESTORED' },
      failure: { code: 'BLOCKED', retryable: false },
    });
    expect((await caller.ask(QUOTA)).quota).toMatchObject({ used: 0 });
  });

  it('should ride out a transient error with the same key, charged once', async () => {
    const before = openai.requests.length;
    openai.next({ kind: 'error', status: 503 });
    const caller = await gateway.as('transient');
    const generation = await ended(caller);
    expect(generation.status).toBe('SUCCEEDED');
    const keys = openai.requests.slice(before).map(({ headers }) => headers['idempotency-key']);
    expect(keys).toEqual([generation.id, generation.id]);
    expect((await caller.ask(QUOTA)).quota).toMatchObject({ used: 1 });
  });

  it('should restore at the deadline what never answers', async () => {
    openai.next({ kind: 'stall', after: 'head' });
    const caller = await gateway.as('stalled');
    expect(await ended(caller)).toMatchObject({
      status: 'EXPIRED',
      charge: { status: 'RESTORED' },
      failure: { code: 'TIMED_OUT' },
    });
  });
});
