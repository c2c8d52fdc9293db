import { colours, decodePng, difference, type Picture } from '../decode-png.js';
import { sizeOfJpeg } from '../decoders/jpeg.js';
import { decodeWav, likeness, loudnessOf, peakOf } from '../decoders/wav.js';
import { decodeWebp } from '../decoders/webp.js';
import { MODES } from '../world/world.js';
import { GENERATE, input, startGateway, type Caller, type Data, type Gateway } from './gateway.js';
import { make, makeOne, withoutLimit, type File } from './making.js';

describe.each(MODES)('the tools, %s', (mode) => {
  let gateway: Gateway;
  let ada: Caller;
  beforeAll(async () => {
    gateway = await startGateway(mode);
    ada = await withoutLimit(gateway, 'ada');
  });
  afterAll(() => gateway.stop());

  function expectPicture({ facts }: File, picture: Picture): void {
    expect([picture.width, picture.height]).toEqual([facts.width, facts.height]);
    expect(colours(picture)).toBeGreaterThan(20);
  }

  it('should generate pictures in every format, with small ones of them', async () => {
    const png = await makeOne(ada, 'image.generate', { settings: { size: '256x192' } });
    expectPicture(png, decodePng(png.bytes));
    expect(png.facts).toMatchObject({ contentType: 'image/png', width: 256, height: 192 });
    const webp = await makeOne(ada, 'image.generate', {
      settings: { format: 'webp', size: '256x192' },
    });
    const [frame] = (await decodeWebp(webp.bytes)).frames;
    expectPicture(webp, frame!);
    const jpeg = await makeOne(ada, 'image.generate', {
      settings: { format: 'jpeg', size: '256x192' },
    });
    expect(sizeOfJpeg(jpeg.bytes)).toEqual({ width: 256, height: 192 });
    expect(jpeg.facts).toMatchObject({ contentType: 'image/jpeg', width: 256, height: 192 });
    for (const { facts } of [png, webp, jpeg]) {
      const small = await fetch(facts.thumbnailUrl as string);
      const { width, height } = await decodeWebp(Buffer.from(await small.arrayBuffer()));
      expect([width, height]).toEqual([256, 192]);
    }
  });

  it('should edit the very picture it is given, by the prompt', async () => {
    const [original] = await make(ada, 'image.generate', { settings: { size: '256x256' } });
    const edited = await Promise.all(
      ['warm and bright', 'cold and dark'].map((prompt) =>
        makeOne(ada, 'image.edit', { prompt, inputs: [original!.facts.id] }),
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
    const other = await makeOne(ada, 'image.generate', {
      prompt: 'mountains',
      settings: { size: '256x256' },
    });
    const ofOther = await makeOne(ada, 'image.edit', {
      prompt: 'warm and bright',
      inputs: [other.facts.id],
    });
    expect(difference(after[0]!, decodePng(ofOther.bytes))).toBeGreaterThan(0.1);
  });

  it('should generate changes: several, each another', async () => {
    const original = await makeOne(ada, 'image.generate', { settings: { size: '256x256' } });
    const files = await make(ada, 'changes.generate', {
      inputs: [original.facts.id],
      outputCount: 2,
    });
    expect(files).toHaveLength(2);
    const [one, two] = files.map(({ bytes }) => decodePng(bytes));
    for (const picture of [one!, two!]) {
      expect(difference(decodePng(original.bytes), picture)).toBeGreaterThan(0.02);
    }
    expect(difference(one!, two!)).toBeGreaterThan(0.02);
  });

  it('should generate and edit films that move, and take frames out of them', async () => {
    const film = await makeOne(ada, 'video.generate', {
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

    const edited = await makeOne(ada, 'video.edit', {
      prompt: 'at night',
      inputs: [film.facts.id],
    });
    const after = await decodeWebp(edited.bytes);
    expect([after.width, after.height]).toEqual([128, 128]);
    expect(after.frames.length).toBeGreaterThan(5);
    expect(difference(frames[0]!, after.frames[0]!)).toBeGreaterThan(0.1);

    const [start, end] = await Promise.all(
      ['frame.start.generate', 'frame.end.generate'].map((action) =>
        makeOne(ada, action, { inputs: [film.facts.id] }),
      ),
    );
    expect(difference(decodePng(start!.bytes), frames[0]!, 0)).toBe(0);
    expect(difference(decodePng(end!.bytes), frames.at(-1)!, 0)).toBe(0);
  });

  it('should generate sounds and edit the very sound it is given', async () => {
    const sound = await makeOne(ada, 'audio.generate', { settings: { durationMs: 1500 } });
    const { sampleRate, channels } = decodeWav(sound.bytes);
    const samples = channels[0]!;
    expect(Math.round((samples.length / sampleRate) * 1000)).toBe(sound.facts.durationMs);
    expect(sound.facts).toMatchObject({ contentType: 'audio/wav', durationMs: 1500, width: null });
    expect(sound.facts.thumbnailUrl).toBeNull();
    expect(loudnessOf(samples)).toBeGreaterThan(0.02);
    expect(peakOf(samples)).toBeLessThan(1);
    const edited = await makeOne(ada, 'audio.edit', {
      prompt: 'in a cave',
      inputs: [sound.facts.id],
    });
    const after = decodeWav(edited.bytes).channels[0]!;
    expect(loudnessOf(after)).toBeGreaterThan(0.02);
    expect(likeness(samples, after)).toBeLessThan(0.99);
  });

  it('should create a style that later generations have', async () => {
    const style = await makeOne(ada, 'style.create', { prompt: 'deep red lacquer' });
    const board = decodePng(style.bytes);
    expect([board.width, board.height]).toEqual([style.facts.width, style.facts.height]);
    expect(colours(board)).toBeGreaterThan(5);
    const plain = await makeOne(ada, 'image.generate', { settings: { size: '128x128' } });
    const styled = await makeOne(ada, 'image.generate', {
      settings: { size: '128x128' },
      inputs: [style.facts.id],
    });
    expect(difference(decodePng(plain.bytes), decodePng(styled.bytes))).toBeGreaterThan(0.2);
  });

  it('should make the same of the same', async () => {
    const settings = { size: '128x128', sketch: { seed: 7 } };
    const [one, two] = [
      await makeOne(ada, 'image.generate', { settings }),
      await makeOne(ada, 'image.generate', { settings }),
    ];
    expect(one.facts.sha256).toBe(two.facts.sha256);
    expect(one.facts.id).not.toBe(two.facts.id);
  });

  it('should make something with every metered action, also without any input', async () => {
    const { actions } = await ada.ask('{ actions { id metered } }');
    const metered = actions.filter((action: Data) => action.metered);
    expect(metered).toHaveLength(10);
    await Promise.all(metered.map(({ id }: Data) => make(ada, id as string)));
  });

  it('should say before anything is taken that it cannot edit what it was given', async () => {
    const sound = await makeOne(ada, 'audio.generate', { settings: { durationMs: 500 } });
    const wrong = input({ action: 'image.edit', inputs: [sound.facts.id] });
    const before = await ada.ask('{ quota { used } }');
    await expect(ada.ask(GENERATE, { input: wrong })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
    });
    expect(await ada.ask('{ quota { used } }')).toEqual(before);
  });
});
