import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodePng } from '../decode-png.js';
import {
  CALLBACK_SECRET,
  KEY,
  startHttpProvider,
  type HttpStandIn,
} from '../standins/http-provider.js';
import { eventually } from '../world/eventually.js';
import { MODES } from '../world/world.js';
import {
  ended,
  GENERATE,
  GENERATION,
  input,
  QUOTA,
  startGateway,
  type Data,
  type Gateway,
} from './gateway.js';

const CANCEL = `mutation ($id: ID!) { cancelGeneration(id: $id) { status charge { status } } }`;
const PROGRESS = `query ($id: ID!) { generation(id: $id) { status progress } }`;

/** Callbacks need an address that is known before the gateway listens. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe.each(MODES)('a provider of one’s own, %s', (mode) => {
  let standIn: HttpStandIn;
  let directory: string;
  let gateway: Gateway;

  beforeAll(async () => {
    standIn = await startHttpProvider();
    directory = await mkdtemp(join(tmpdir(), 'genquota-providers-'));
    const catalog = JSON.parse(await readFile('catalog.json', 'utf8'));
    const served: Record<string, string[]> = {
      'image.generate': ['studio'],
      'image.edit': ['studio'],
      'style.create': ['studio', 'sketch'],
    };
    for (const action of catalog.actions) {
      if (!(action.id in served)) continue;
      action.providers = served[action.id];
      delete action.provider;
    }
    const catalogFile = join(directory, 'catalog.json');
    await writeFile(catalogFile, JSON.stringify(catalog));
    const providersFile = join(directory, 'providers.json');
    const secrets = { keyEnv: 'STUDIO_KEY', callbackSecretEnv: 'STUDIO_SECRET' };
    const studio = { name: 'studio', type: 'http', url: standIn.url, ...secrets };
    await writeFile(providersFile, JSON.stringify({ providers: [studio] }));
    const port = String(await freePort());
    gateway = await startGateway(mode, {
      PORT: port,
      PUBLIC_URL: `http://127.0.0.1:${port}`,
      CATALOG_FILE: catalogFile,
      PROVIDERS_FILE: providersFile,
      STUDIO_KEY: KEY,
      STUDIO_SECRET: CALLBACK_SECRET,
    });
  });
  afterAll(async () => {
    await gateway.stop();
    await standIn.dispose();
    await rm(directory, { recursive: true, force: true });
  });
  beforeEach(() => {
    standIn.script({ end: 'never' });
  });

  /** Presses the button and waits until the provider has the job. */
  async function begun(caller: Awaited<ReturnType<Gateway['as']>>, changes = {}): Promise<string> {
    const { generate } = await caller.ask(GENERATE, { input: input(changes) });
    const { id } = generate.generation;
    await eventually(() => {
      expect(standIn.jobs.has(id as string)).toBe(true);
    });
    return id;
  }

  it('should deliver as soon as the provider calls back', async () => {
    const caller = await gateway.as('called-back');
    const id = await begun(caller, { outputCount: 2 });
    await standIn.move(id);
    // Unless it was called back, it would look after half a minute.
    await eventually(async () => {
      const { generation } = await caller.ask(GENERATION, { id });
      expect(generation).toMatchObject({ status: 'SUCCEEDED', charge: { status: 'POSTED' } });
      const response = await fetch(generation.outputs[1].url as string);
      expect(decodePng(new Uint8Array(await response.arrayBuffer())).width).toBe(96);
    }, 10_000);
  });

  it('should give the provider links that open its inputs', async () => {
    const caller = await gateway.as('inputs');
    const first = await begun(caller);
    await standIn.move(first);
    const output = await eventually(async () => {
      const { generation } = await caller.ask(GENERATION, { id: first });
      expect(generation.outputs).toHaveLength(1);
      return generation.outputs[0];
    });
    const second = await begun(caller, { action: 'image.edit', inputs: [output.id] });
    const inputs: Data = standIn.jobs.get(second)!.request.inputs;
    expect(inputs).toMatchObject([
      { id: output.id, kind: 'image', contentType: 'image/png', width: 96 },
    ]);
    const response = await fetch(inputs[0].url as string);
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(inputs[0].sha256);
    await standIn.move(second, 'failed');
  });

  it('should call off what the person cancels', async () => {
    const caller = await gateway.as('cancelled');
    const id = await begun(caller);
    const { cancelGeneration } = await caller.ask(CANCEL, { id });
    expect(cancelGeneration).toMatchObject({ status: 'CANCELLED', charge: { status: 'RESTORED' } });
    await eventually(() => {
      expect(standIn.jobs.get(id)!.state.status).toBe('cancelled');
    });
  });

  it('should restore what the provider blocks, in its words', async () => {
    standIn.script({ end: 'blocked', error: { message: 'No lighthouses here.' }, looks: 1 });
    const caller = await gateway.as('blocked');
    const id = await begun(caller);
    await standIn.move(id, 'blocked');
    await eventually(async () => {
      const { generation } = await caller.ask(GENERATION, { id });
      expect(generation).toMatchObject({
        status: 'BLOCKED',
        failure: { code: 'BLOCKED', message: 'No lighthouses here.', retryable: false },
      });
    });
    expect((await caller.ask(QUOTA)).quota).toMatchObject({ used: 0, held: 0 });
  });

  it('should show how far it is', async () => {
    const caller = await gateway.as('progress');
    const id = await begun(caller);
    await standIn.move(id, 'running', { progress: 0.4 });
    await eventually(async () => {
      const { generation } = await caller.ask(PROGRESS, { id });
      expect(generation).toEqual({ status: 'RUNNING', progress: 0.4 });
    });
    await standIn.move(id, 'failed');
  });

  it('should ask the next provider when this one fails', async () => {
    standIn.always('POST', { kind: 'raw', status: 422 });
    const caller = await gateway.as('fallback');
    const generation = await ended(caller, { action: 'style.create' });
    standIn.always('POST', null);
    expect(standIn.asked('POST').at(-1)!.body.action).toBe('style.create');
    expect(generation).toMatchObject({ status: 'SUCCEEDED', charge: { status: 'POSTED' } });
  });
});
