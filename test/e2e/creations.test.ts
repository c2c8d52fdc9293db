import { randomUUID } from 'node:crypto';
import sharp from 'sharp';
import { sizeOfJpeg } from '../decoders/jpeg.js';
import { eventually } from '../world/eventually.js';
import { MODES } from '../world/world.js';
import { ended, startGateway, type Caller, type Gateway } from './gateway.js';
import { makeOne, withoutLimit } from './making.js';

describe.each(MODES)('what is done with creations, %s', (mode) => {
  let gateway: Gateway;
  let ada: Caller;
  beforeAll(async () => {
    gateway = await startGateway(mode);
    ada = await withoutLimit(gateway, 'ada');
  });
  afterAll(() => gateway.stop());

  describe('files over HTTP', () => {
    it('should answer ranges, and downloads by name', async () => {
      const { facts, bytes } = await makeOne(ada, 'image.generate');
      const part = await fetch(facts.url as string, { headers: { range: 'bytes=10-19' } });
      expect(part.status).toBe(206);
      expect(part.headers.get('content-range')).toBe(`bytes 10-19/${bytes.length}`);
      expect(Buffer.from(await part.arrayBuffer())).toEqual(bytes.subarray(10, 20));
      const beyond = await fetch(facts.url as string, { headers: { range: 'bytes=99999999-' } });
      expect(beyond.status).toBe(416);
      const saved = await fetch(facts.download as string, { method: 'HEAD' });
      expect(saved.headers.get('content-disposition')).toMatch(
        /^attachment; filename="image-generate-\d{4}-\d\d-\d\d-[0-9a-f]{8}-1\.png"$/,
      );
    });

    const UPLOAD = `mutation ($input: UploadReferenceInput!) {
      uploadReference(input: $input) { ... on UploadAccepted { generation { id status } upload { url method contentType maxBytes } } }
    }`;

    it('should take a picture of one’s own, which can be cropped and edited', async () => {
      const file = await sharp({
        create: { width: 200, height: 100, channels: 3, background: { r: 10, g: 120, b: 200 } },
      })
        .jpeg()
        .toBuffer();
      const { uploadReference } = await ada.ask(UPLOAD, {
        input: { requestId: randomUUID(), contentType: 'image/jpeg', bytes: file.length },
      });
      const { upload, generation } = uploadReference;
      expect(generation.status).toBe('RUNNING');
      const put = () => fetch(upload.url as string, { method: upload.method, body: file });
      expect((await put()).status).toBe(201);
      expect((await put()).status).toBe(200);
      const { cropImage } = await ada.ask(
        `mutation ($input: CropImageInput!) { cropImage(input: $input) { ... on GenerationAccepted {
          generation { status charge { status explanation } outputs { url contentType width height } } } } }`,
        {
          input: {
            requestId: randomUUID(),
            input: `${generation.id}.0`,
            x: 20,
            y: 10,
            width: 50,
            height: 40,
          },
        },
      );
      expect(cropImage.generation).toMatchObject({
        status: 'SUCCEEDED',
        charge: { status: 'FREE', explanation: 'Free: this does not count.' },
        outputs: [{ contentType: 'image/jpeg', width: 50, height: 40 }],
      });
      const cropped = await fetch(cropImage.generation.outputs[0].url as string);
      expect(sizeOfJpeg(Buffer.from(await cropped.arrayBuffer()))).toEqual({
        width: 50,
        height: 40,
      });
      const edited = await makeOne(ada, 'image.edit', { inputs: [`${generation.id}.0`] });
      expect([edited.facts.width, edited.facts.height]).toEqual([200, 100]);
    });

    it('should refuse an upload with a changed link, and one that is no picture', async () => {
      const page = Buffer.from('<!doctype html><script>alert(1)</script>');
      const { uploadReference } = await ada.ask(UPLOAD, {
        input: { requestId: randomUUID(), contentType: 'image/png', bytes: page.length },
      });
      const url = uploadReference.upload.url as string;
      const put = (link: string) => fetch(link, { method: 'PUT', body: page });
      expect((await put(url.replace(/signature=./, 'signature=_'))).status).toBe(403);
      expect((await put(url)).status).toBe(415);
    });
  });

  it('should enhance a prompt, the same way every time', async () => {
    const enhance = async () => {
      const { enhancePrompt } = await ada.ask(
        `mutation { enhancePrompt(input: { requestId: "${randomUUID()}", prompt: "a fox in the snow" }) {
          ... on PromptEnhanced { prompt generation { status charge { status } outputs { contentType } } } } }`,
      );
      return enhancePrompt;
    };
    const enhanced = await enhance();
    expect(enhanced).toMatchObject({
      prompt: expect.stringContaining('fox in the snow') as string,
      generation: {
        status: 'SUCCEEDED',
        charge: { status: 'FREE' },
        outputs: [{ contentType: 'text/plain' }],
      },
    });
    expect(enhanced.prompt.length).toBeGreaterThan('a fox in the snow'.length + 20);
    expect((await enhance()).prompt).toBe(enhanced.prompt);
  });

  it('should refine, explain, count and delete over the API', async () => {
    const bob = await gateway.as(`bob-${mode}`);
    const first = await ended(bob, { prompt: 'a paper boat' });
    const { refineGeneration } = await bob.ask(
      `mutation { refineGeneration(input: { requestId: "${randomUUID()}", generation: "${first.id}", prompt: "two paper boats" }) {
        ... on GenerationAccepted { generation { id prompt parent { id } } } } }`,
    );
    const child = refineGeneration.generation;
    expect(child).toMatchObject({ prompt: 'two paper boats', parent: { id: first.id } });
    const blocked = await ended(bob, { settings: { sketch: { outcome: 'block' } } });
    const told = await bob.ask(
      `{ node(id: "${first.id}") { id ... on Generation { children { edges { node { id } } } } }
         explainCharge(generationId: "${blocked.id}") { summary periodStart periodEnd }
         generations(filter: { text: "paper", kind: "image" }) { edges { node { id } } pageInfo { hasNextPage } }
         usage { used restored days { date actions { action { id } generations units restored } } } }`,
    );
    expect(told.node.children.edges).toEqual([{ node: { id: child.id } }]);
    expect(told.explainCharge.summary).toBe('Gave you 1 back: blocked by moderation.');
    expect(told.usage).toMatchObject([
      { used: 2, restored: 1, days: [{ actions: [{ generations: 3, units: 2, restored: 1 }] }] },
    ]);
    await bob.ask(`mutation { deleteGeneration(id: "${first.id}") }`);
    await eventually(async () => {
      expect((await fetch(first.outputs[0].url as string)).status).toBe(404);
    });
    const after = await bob.ask(
      `{ generation(id: "${first.id}") { id } child: generation(id: "${child.id}") { parent { id } } usage { used } }`,
    );
    expect(after).toMatchObject({
      generation: null,
      child: { parent: null },
      usage: [{ used: 2 }],
    });
  });
});
