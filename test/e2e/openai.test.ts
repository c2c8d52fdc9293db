import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodePng } from '../decode-png.js';
import { startOpenAiStandIn, type OpenAiStandIn } from '../standins/openai-images.js';
import { MODES } from '../world/world.js';
import { ended, QUOTA, startGateway, type Gateway } from './gateway.js';

describe.each(MODES)('images from an OpenAI-compatible provider, %s', (mode) => {
  let openai: OpenAiStandIn;
  let directory: string;
  let gateway: Gateway;
  beforeAll(async () => {
    openai = await startOpenAiStandIn();
    directory = await mkdtemp(join(tmpdir(), 'genquota-catalog-'));
    const catalog = JSON.parse(await readFile('catalog.json', 'utf8'));
    for (const action of catalog.actions) {
      if (action.id === 'image.generate') action.provider = 'openai';
    }
    const file = join(directory, 'catalog.json');
    await writeFile(file, JSON.stringify(catalog));
    gateway = await startGateway(mode, {
      CATALOG_FILE: file,
      OPENAI_API_KEY: 'key-of-the-deployment',
      OPENAI_BASE_URL: openai.url,
      GENERATION_DEADLINE: '3s',
    });
  });
  afterAll(async () => {
    await gateway.stop();
    await openai.dispose();
    await rm(directory, { recursive: true, force: true });
  });

  it('should deliver, post, and send the generation’s id as the idempotency key', async () => {
    const caller = await gateway.as('delivered');
    const generation = await ended(caller, { outputCount: 2 });
    expect(generation).toMatchObject({ status: 'SUCCEEDED', charge: { status: 'POSTED' } });
    const response = await fetch(generation.outputs[1].url as string);
    expect(decodePng(new Uint8Array(await response.arrayBuffer())).width).toBeGreaterThan(0);
    expect(openai.requests.at(-1)).toMatchObject({
      headers: {
        authorization: 'Bearer key-of-the-deployment',
        'idempotency-key': generation.id,
      },
      body: { n: 2, prompt: 'a quiet harbour' },
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
