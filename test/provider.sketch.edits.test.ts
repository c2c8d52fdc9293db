import sharp from 'sharp';
import { systemClock } from '../src/clock.js';
import type { Job } from '../src/provider.js';
import { makeSketch } from '../src/provider/sketch.js';
import { aJob, aSource, deliveredBy, digestsOf } from './contract/provider.samples.js';
import { colours, decodePng, difference } from './decode-png.js';
import type { Picture } from './decode-png.js';
import { wav } from './decoders/containers.js';
import { sizeOfJpeg } from './decoders/jpeg.js';
import { decodeWav } from './decoders/wav.js';
import { decodeWebp } from './decoders/webp.js';

const sketch = makeSketch({ clock: systemClock });
const made = (rest: Partial<Job>): Promise<Buffer[]> => deliveredBy(sketch, aJob(rest));

const [WIDTH, HEIGHT] = [240, 160];
const EDIT: Partial<Job> = { action: 'image.edit', prompt: 'as an old poster' };

/** Squares of many shades: whether an edit was made from it is seen from them. */
function chequered(): Buffer {
  const shades = Array.from({ length: WIDTH * HEIGHT }, (_, at) => {
    const [column, row] = [Math.floor((at % WIDTH) / 20), Math.floor(at / WIDTH / 20)];
    return (column * 67 + row * 131) % 256;
  });
  return Buffer.from(shades.flatMap((shade) => [shade, (shade * 3) % 256, 255 - shade]));
}

const raw = { width: WIDTH, height: HEIGHT, channels: 3 } as const;
const picture = (): ReturnType<typeof sharp> => sharp(chequered(), { raw });

/** How well the shades of one picture, in its upper half, go with those of another: 1 the same, 0 nothing in common. */
function kinship(one: Picture, other: Picture): number {
  const shades = ({ pixels, width, height }: Picture): number[] =>
    Array.from({ length: (width * height) / 2 }, (_, at) => {
      return 0.3 * pixels[at * 3]! + 0.59 * pixels[at * 3 + 1]! + 0.11 * pixels[at * 3 + 2]!;
    });
  const centred = (values: number[]): number[] => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return values.map((value) => value - mean);
  };
  const [a, b] = [centred(shades(one)), centred(shades(other))];
  const sum = (values: number[], by: number[]): number =>
    values.reduce((total, value, at) => total + value * by[at]!, 0);
  return sum(a, b) / Math.sqrt(sum(a, a) * sum(b, b));
}

describe('makeSketch, editing pictures', () => {
  let source: Buffer;
  beforeAll(async () => {
    source = await picture().png().toBuffer();
  });

  it('should change every part of the picture it is given, and plainly show it', async () => {
    const edits = await made({ ...EDIT, sources: [aSource(source)], outputCount: 4 });
    const [original, unrelated] = [
      decodePng(source),
      decodePng((await made({ settings: { size: '240x160' } }))[0]!),
    ];
    for (const edit of edits.map((file) => decodePng(file))) {
      expect([edit.width, edit.height]).toEqual([WIDTH, HEIGHT]);
      expect(difference(original, edit)).toBeGreaterThan(0.9);
      expect(kinship(original, edit)).toBeGreaterThan(0.6);
      expect(Math.abs(kinship(unrelated, edit))).toBeLessThan(0.4);
    }
  });

  it('should edit differently for every output, prompt and seed, and the same again', async () => {
    const edit = (rest: Partial<Job>): Promise<Buffer[]> =>
      made({ ...EDIT, sources: [aSource(source)], ...rest });
    const edits = [
      ...(await edit({ outputCount: 4 })),
      ...(await edit({ prompt: 'make it winter' })),
      ...(await edit({ settings: { sketch: { seed: 5 } } })),
    ];
    const pictures = edits.map((file) => decodePng(file));
    for (const [index, one] of pictures.entries()) {
      for (const other of pictures.slice(index + 1)) {
        expect(difference(one, other)).toBeGreaterThan(0.5);
      }
    }
    expect(digestsOf(await edit({ outputCount: 4 }))).toEqual(digestsOf(edits.slice(0, 4)));
  });

  it('should keep the format of the picture, unless another one is asked for', async () => {
    const jpeg = aSource(await picture().jpeg().toBuffer(), { contentType: 'image/jpeg' });
    const webp = aSource(await picture().webp().toBuffer(), { contentType: 'image/webp' });
    const avif = aSource(await picture().avif().toBuffer(), { contentType: 'image/avif' });
    const size = { width: WIDTH, height: HEIGHT };
    expect(sizeOfJpeg((await made({ ...EDIT, sources: [jpeg] }))[0]!)).toEqual(size);
    expect(await decodeWebp((await made({ ...EDIT, sources: [webp] }))[0]!)).toMatchObject(size);
    expect(decodePng((await made({ ...EDIT, sources: [avif] }))[0]!)).toMatchObject(size);
    const settings = { format: 'png' };
    expect(decodePng((await made({ ...EDIT, sources: [jpeg], settings }))[0]!)).toMatchObject(size);
  });

  it('should bound the size, and turn the picture upright', async () => {
    const large = await picture()
      .resize(1600, 400, { fit: 'fill' })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    const [edit] = await made({
      ...EDIT,
      sources: [aSource(large, { contentType: 'image/jpeg' })],
    });
    expect(sizeOfJpeg(edit!)).toEqual({ width: 256, height: 1024 });
  });

  it('should leave what is transparent transparent', async () => {
    const clear = await sharp({
      create: { width: 64, height: 64, channels: 4, background: { r: 90, g: 0, b: 0, alpha: 0 } },
    })
      .png()
      .toBuffer();
    const [edit] = await made({ ...EDIT, sources: [aSource(clear)] });
    const { data, info } = await sharp(edit).raw().toBuffer({ resolveWithObject: true });
    // What stands in front is drawn over it; above that, only the light.
    const alpha = (row: number): number => data[(row * 64 + 32) * info.channels + 3]!;
    expect([info.channels, alpha(30) < 200, alpha(63)]).toEqual([4, true, 255]);
  });

  it('should use the colours of a style, and work on the picture beside it', async () => {
    const [board] = await made({ action: 'style.create', kind: 'style', prompt: 'a night at sea' });
    const style = aSource(board!, { kind: 'style' });
    const [plain] = await made({ ...EDIT, sources: [aSource(source)] });
    const [styled] = await made({ ...EDIT, sources: [style, aSource(source)] });
    const { width, height } = decodePng(styled!);
    expect([width, height]).toEqual([WIDTH, HEIGHT]);
    expect(kinship(decodePng(source), decodePng(styled!))).toBeGreaterThan(0.6);
    expect(difference(decodePng(plain!), decodePng(styled!))).toBeGreaterThan(0.5);
    const { pixels } = decodePng(styled!);
    const sumOf = (channel: number): number =>
      pixels.reduce((sum, value, at) => (at % 3 === channel ? sum + value : sum), 0);
    // Of the original, which has as much of each, little is left.
    expect(sumOf(2)).toBeGreaterThan(1.15 * sumOf(0));
  });

  it('should draw a picture first when it is given none', async () => {
    const [edit, drawn] = [(await made(EDIT))[0]!, (await made({ prompt: EDIT.prompt! }))[0]!];
    expect([decodePng(edit).width, colours(decodePng(edit)) > 30]).toEqual([512, true]);
    expect(kinship(decodePng(drawn), decodePng(edit))).toBeGreaterThan(0.5);
    expect(difference(decodePng(drawn), decodePng(edit))).toBeGreaterThan(0.5);
  });
});

describe('makeSketch, generating changes', () => {
  const CHANGES: Partial<Job> = { action: 'changes.generate', kind: 'changes', prompt: 'warmer' };

  it('should make as many different changes of a picture as asked for', async () => {
    const source = await picture().png().toBuffer();
    const files = await made({ ...CHANGES, sources: [aSource(source)], outputCount: 3 });
    const changes = files.map((file) => decodePng(file));
    expect(changes).toHaveLength(3);
    for (const [index, one] of changes.entries()) {
      expect(kinship(decodePng(source), one)).toBeGreaterThan(0.6);
      for (const other of changes.slice(index + 1)) {
        expect(difference(one, other)).toBeGreaterThan(0.5);
      }
    }
  });

  it('should change a film as a film, and a recording as a recording', async () => {
    const [film] = await made({ action: 'video.generate', kind: 'video' });
    const facts = { kind: 'video', contentType: 'image/webp', durationMs: 2000 } as const;
    const [changed] = await made({ ...CHANGES, sources: [aSource(film!, facts)] });
    expect((await decodeWebp(changed!)).frames).toHaveLength(24);

    const sound = wav(8000, [Array.from({ length: 8000 }, (_, at) => 0.5 * Math.sin(at / 5))]);
    const heard = { kind: 'audio', contentType: 'audio/wav', durationMs: 1000 } as const;
    const [echoed] = await made({ ...CHANGES, sources: [aSource(sound, heard)] });
    expect(decodeWav(echoed!).sampleRate).toBe(8000);
  });

  it('should draw what it changes when it is given nothing', async () => {
    expect(await made({ ...CHANGES, outputCount: 2 })).toHaveLength(2);
  });

  it('should say what it takes when it is given something else', () => {
    const film = aSource(Buffer.from('mp4'), { kind: 'video', contentType: 'video/mp4' });
    expect(sketch.check?.(aJob({ ...CHANGES, sources: [film] }))).toMatch(/animated.*video\/mp4/);
  });
});
