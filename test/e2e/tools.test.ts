import { createHash, randomUUID } from 'node:crypto';
import sharp from 'sharp';
import { colours, decodePng, difference, type Picture } from '../decode-png.js';
import { sizeOfJpeg } from '../decoders/jpeg.js';
import { decodeWav, likeness, loudnessOf, peakOf } from '../decoders/wav.js';
import { decodeWebp } from '../decoders/webp.js';
import { eventually } from '../world/eventually.js';
import { MODES } from '../world/world.js';
import {
  ended,
  GENERATE,
  input,
  startGateway,
  type Caller,
  type Data,
  type Gateway,
} from './gateway.js';

const OUTPUTS = `query ($id: ID!) {
  generation(id: $id) {
    outputs { id url thumbnailUrl download: url(download: true) contentType bytes sha256 fileName width height durationMs }
  }
}`;

describe.each(MODES)('the tools, %s', (mode) => {
  let gateway: Gateway;
  let ada: Caller;
  beforeAll(async () => {
    gateway = await startGateway(mode);
    ada = await gateway.as('ada');
    const operator = await gateway.as('support', { operator: true });
    await operator.ask(
      'mutation { putSubscription(input: { accountId: "ada", plan: "ultimate", startedAt: "2026-03-18T09:30:00Z" }) { used } }',
    );
  });
  afterAll(() => gateway.stop());

  interface File {
    facts: Data;
    bytes: Buffer;
  }

  /** Makes something and downloads it: every file is what the API says it is. */
  async function make(action: string, changes: object = {}): Promise<File[]> {
    const generation = await ended(ada, { action, prompt: 'a harbour at dusk', ...changes });
    expect(generation).toMatchObject({
      status: 'SUCCEEDED',
      charge: { status: 'POSTED', units: 1 },
    });
    const answer = await ada.ask(OUTPUTS, { id: generation.id });
    return Promise.all(answer.generation.outputs.map(download));
  }

  async function download(facts: Data): Promise<File> {
    const response = await fetch(facts.url as string);
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(response.headers.get('content-type')).toBe(facts.contentType);
    expect(bytes).toHaveLength(facts.bytes as number);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(facts.sha256);
    expect(response.headers.get('content-disposition')).toContain(facts.fileName);
    return { facts, bytes };
  }

  async function makeOne(action: string, changes: object = {}): Promise<File> {
    const [file, ...others] = await make(action, changes);
    expect(others).toEqual([]);
    return file!;
  }

  function expectPicture({ facts }: File, picture: Picture): void {
    expect([picture.width, picture.height]).toEqual([facts.width, facts.height]);
    expect(colours(picture)).toBeGreaterThan(20);
  }

  it('should generate pictures in every format, with small ones of them', async () => {
    const png = await makeOne('image.generate', { settings: { size: '256x192' } });
    expectPicture(png, decodePng(png.bytes));
    expect(png.facts).toMatchObject({ contentType: 'image/png', width: 256, height: 192 });
    const webp = await makeOne('image.generate', { settings: { format: 'webp', size: '256x192' } });
    const [frame] = (await decodeWebp(webp.bytes)).frames;
    expectPicture(webp, frame!);
    const jpeg = await makeOne('image.generate', { settings: { format: 'jpeg', size: '256x192' } });
    expect(sizeOfJpeg(jpeg.bytes)).toEqual({ width: 256, height: 192 });
    expect(jpeg.facts).toMatchObject({ contentType: 'image/jpeg', width: 256, height: 192 });
    for (const { facts } of [png, webp, jpeg]) {
      const small = await fetch(facts.thumbnailUrl as string);
      const { width, height } = await decodeWebp(Buffer.from(await small.arrayBuffer()));
      expect([width, height]).toEqual([256, 192]);
    }
  });

  it('should edit the very picture it is given, by the prompt', async () => {
    const [original] = await make('image.generate', { settings: { size: '256x256' } });
    const edited = await Promise.all(
      ['warm and bright', 'cold and dark'].map((prompt) =>
        makeOne('image.edit', { prompt, inputs: [original!.facts.id] }),
      ),
    );
    const before = decodePng(original!.bytes);
    const after = edited.map(({ bytes }) => decodePng(bytes));
    for (const picture of after) {
      expect([picture.width, picture.height]).toEqual([256, 256]);
      expect(difference(before, picture)).toBeGreaterThan(0.1);
    }
    expect(difference(after[0]!, after[1]!)).toBeGreaterThan(0.1);
    // Another original gives another result: it works on what it was given.
    const other = await makeOne('image.generate', {
      prompt: 'mountains',
      settings: { size: '256x256' },
    });
    const ofOther = await makeOne('image.edit', {
      prompt: 'warm and bright',
      inputs: [other.facts.id],
    });
    expect(difference(after[0]!, decodePng(ofOther.bytes))).toBeGreaterThan(0.1);
  });

  it('should generate changes: several, each another', async () => {
    const original = await makeOne('image.generate', { settings: { size: '256x256' } });
    const files = await make('changes.generate', { inputs: [original.facts.id], outputCount: 2 });
    expect(files).toHaveLength(2);
    const [one, two] = files.map(({ bytes }) => decodePng(bytes));
    for (const picture of [one!, two!]) {
      expect(difference(decodePng(original.bytes), picture)).toBeGreaterThan(0.02);
    }
    expect(difference(one!, two!)).toBeGreaterThan(0.02);
  });

  it('should generate and edit films that move, and take frames out of them', async () => {
    const film = await makeOne('video.generate', {
      settings: { size: '128x128', durationMs: 1000 },
    });
    const decoded = await decodeWebp(film.bytes);
    const { frames, delaysMs } = decoded;
    expect(film.facts).toMatchObject({ width: 128, height: 128 });
    expect(frames.length).toBeGreaterThan(5);
    const lengthMs = delaysMs.reduce((sum, delay) => sum + delay, 0);
    expect(lengthMs).toBe(film.facts.durationMs);
    expect(Math.abs(lengthMs - 1000)).toBeLessThan(100);
    for (const frame of frames) expect(colours(frame)).toBeGreaterThan(20);
    expect(difference(frames[0]!, frames.at(-1)!, 2)).toBeGreaterThan(0.02);

    const edited = await makeOne('video.edit', { prompt: 'at night', inputs: [film.facts.id] });
    const after = await decodeWebp(edited.bytes);
    expect([after.width, after.height]).toEqual([128, 128]);
    expect(after.frames.length).toBeGreaterThan(5);
    expect(difference(frames[0]!, after.frames[0]!)).toBeGreaterThan(0.1);

    const [start, end] = await Promise.all(
      ['frame.start.generate', 'frame.end.generate'].map((action) =>
        makeOne(action, { inputs: [film.facts.id] }),
      ),
    );
    expect(difference(decodePng(start!.bytes), frames[0]!, 0)).toBe(0);
    expect(difference(decodePng(end!.bytes), frames.at(-1)!, 0)).toBe(0);
  });

  it('should generate sounds and edit the very sound it is given', async () => {
    const sound = await makeOne('audio.generate', { settings: { durationMs: 1500 } });
    const { sampleRate, channels } = decodeWav(sound.bytes);
    const samples = channels[0]!;
    expect(Math.round((samples.length / sampleRate) * 1000)).toBe(sound.facts.durationMs);
    expect(sound.facts).toMatchObject({ contentType: 'audio/wav', durationMs: 1500, width: null });
    expect(sound.facts.thumbnailUrl).toBeNull();
    expect(loudnessOf(samples)).toBeGreaterThan(0.02);
    expect(peakOf(samples)).toBeLessThan(1);
    const edited = await makeOne('audio.edit', { prompt: 'in a cave', inputs: [sound.facts.id] });
    const after = decodeWav(edited.bytes).channels[0]!;
    expect(loudnessOf(after)).toBeGreaterThan(0.02);
    expect(likeness(samples, after)).toBeLessThan(0.99);
  });

  it('should create a style that later generations have', async () => {
    const style = await makeOne('style.create', { prompt: 'deep red lacquer' });
    const board = decodePng(style.bytes);
    expect(board.width * board.height).toBeGreaterThan(0);
    const plain = await makeOne('image.generate', { settings: { size: '128x128' } });
    const styled = await makeOne('image.generate', {
      settings: { size: '128x128' },
      inputs: [style.facts.id],
    });
    expect(difference(decodePng(plain.bytes), decodePng(styled.bytes))).toBeGreaterThan(0.2);
  });

  it('should make the same of the same', async () => {
    const settings = { size: '128x128', sketch: { seed: 7 } };
    const [one, two] = [
      await makeOne('image.generate', { settings }),
      await makeOne('image.generate', { settings }),
    ];
    expect(one.facts.sha256).toBe(two.facts.sha256);
    expect(one.facts.id).not.toBe(two.facts.id);
  });

  it('should make something with every metered action, also without any input', async () => {
    const { actions } = await ada.ask('{ actions { id metered } }');
    const metered = actions.filter((action: Data) => action.metered);
    expect(metered).toHaveLength(10);
    await Promise.all(metered.map(({ id }: Data) => make(id as string)));
  });

  it('should say before anything is taken that it cannot edit what it was given', async () => {
    const sound = await makeOne('audio.generate', { settings: { durationMs: 500 } });
    const wrong = input({ action: 'image.edit', inputs: [sound.facts.id] });
    const before = await ada.ask('{ quota { used } }');
    await expect(ada.ask(GENERATE, { input: wrong })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
    });
    expect(await ada.ask('{ quota { used } }')).toEqual(before);
  });

  describe('files over HTTP', () => {
    it('should answer ranges, and downloads by name', async () => {
      const { facts, bytes } = await makeOne('image.generate');
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
      const edited = await makeOne('image.edit', { inputs: [`${generation.id}.0`] });
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
