import fc from 'fast-check';
import sharp from 'sharp';
import type { Job } from '../src/provider.js';
import { makeBuiltin } from '../src/provider/builtin.js';
import { aJob, aSource, deliveredBy } from './contract/provider.samples.js';
import { decodePng } from './decode-png.js';
import { sizeOfJpeg } from './decoders/jpeg.js';
import { decodeWebp } from './decoders/webp.js';

const builtin = makeBuiltin();
const never = (): AbortSignal => new AbortController().signal;

async function madeOne(job: Job): Promise<Buffer> {
  const [file, ...others] = await deliveredBy(builtin, job);
  expect(others).toEqual([]);
  return file!;
}

const [WIDTH, HEIGHT] = [40, 30];
const PART = { x: 7, y: 5, width: 12, height: 9 };

function cropOf(source: Parameters<typeof aSource>, settings: Job['settings'] = PART): Job {
  return aJob({ action: 'image.crop', prompt: null, settings, sources: [aSource(...source)] });
}

/** Every pixel has another colour. */
const shades = Buffer.from(
  Array.from({ length: WIDTH * HEIGHT }, (_, at) => [at % 256, (at * 7) % 256, at >> 3]).flat(),
);
const raw = { width: WIDTH, height: HEIGHT, channels: 3 } as const;

/** What lies within the part, row by row. */
function expectedPart({ x, y, width, height }: typeof PART): number[] {
  return Array.from({ length: height }, (_, row) => {
    const start = ((y + row) * WIDTH + x) * 3;
    return [...shades.subarray(start, start + width * 3)];
  }).flat();
}

describe('makeBuiltin, cropping', () => {
  it.each([
    PART,
    { x: 0, y: 0, width: WIDTH, height: HEIGHT },
    { x: WIDTH - 1, y: HEIGHT - 1, width: 1, height: 1 },
  ])('should keep of a PNG %j, pixel by pixel', async (part) => {
    const png = await sharp(shades, { raw }).png().toBuffer();
    const cropped = decodePng(await madeOne(cropOf([png, { width: WIDTH, height: HEIGHT }], part)));
    expect([cropped.width, cropped.height]).toEqual([part.width, part.height]);
    expect([...cropped.pixels]).toEqual(expectedPart(part));
  });

  it('should lose nothing of a PNG with a profile, or of one with 16 bits', async () => {
    const wide = await sharp(shades, { raw }).withIccProfile('p3').png().toBuffer();
    const deep = await sharp(shades, { raw }).toColourspace('rgb16').linear(0.77).png().toBuffer();
    for (const source of [wide, deep]) {
      const facts = await sharp(source).metadata();
      const cropped = await madeOne(cropOf([source]));
      const { depth, icc } = await sharp(cropped).metadata();
      expect([depth, icc]).toEqual([facts.depth, facts.icc]);
      const pixelsOf = (bytes: Buffer) =>
        sharp(bytes, { ignoreIcc: true }).toColourspace(facts.space);
      const { x: left, y: top, width, height } = PART;
      const expected = await pixelsOf(source)
        .extract({ left, top, width, height })
        .raw({ depth: facts.depth })
        .toBuffer();
      expect(await pixelsOf(cropped).raw({ depth: facts.depth }).toBuffer()).toEqual(expected);
    }
  });

  it('should keep the format of JPEG and WebP, and make PNG of others', async () => {
    const picture = (): ReturnType<typeof sharp> =>
      sharp({ create: { ...raw, background: '#3080c0' } });
    const size = { width: 12, height: 9 };
    const jpeg = await madeOne(
      cropOf([await picture().jpeg().toBuffer(), { contentType: 'image/jpeg' }]),
    );
    expect(sizeOfJpeg(jpeg)).toEqual(size);
    const webp = await madeOne(
      cropOf([await picture().webp().toBuffer(), { contentType: 'image/webp' }]),
    );
    expect(await decodeWebp(webp)).toMatchObject({ ...size, delaysMs: [] });
    for (const format of ['gif', 'avif'] as const) {
      const source = await picture()[format]().toBuffer();
      const png = await madeOne(cropOf([source, { contentType: `image/${format}` }]));
      expect((await sharp(png).metadata()).format).toBe('png');
      expect(await sharp(png).metadata()).toMatchObject(size);
    }
  });

  it('should crop every frame of an animated WebP', async () => {
    const frames = Buffer.concat([shades, Buffer.from(shades).reverse(), shades]);
    const film = await sharp(frames, { raw: { ...raw, height: 3 * HEIGHT, pageHeight: HEIGHT } })
      .webp({ lossless: true, delay: [100, 200, 300] })
      .toBuffer();
    const cropped = await decodeWebp(await madeOne(cropOf([film, { contentType: 'image/webp' }])));
    expect(cropped).toMatchObject({ width: 12, height: 9, delaysMs: [100, 200, 300] });
    const [first, second, third] = cropped.frames.map(({ pixels }) => [...pixels]);
    expect(third).toEqual(first);
    const apart = (one: number[], other: number[]): number =>
      one.reduce((sum, value, at) => sum + Math.abs(value - other[at]!), 0) / one.length;
    // Without its edges being sharp: WebP keeps half as many colours as shades.
    expect(apart(first!, expectedPart(PART))).toBeLessThan(25);
    expect(apart(first!, second!)).toBeGreaterThan(40);
  });

  it('should crop what is shown, where the file lies on its side, and not say where it was taken', async () => {
    const lying = await sharp(shades, { raw })
      .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
      .withMetadata({ orientation: 6, exif: { IFD0: { Artist: 'somebody' } } })
      .toBuffer();
    const part = { x: 18, y: 28, width: 12, height: 12 };
    const facts = { contentType: 'image/jpeg', width: HEIGHT, height: WIDTH };
    const cropped = await madeOne(cropOf([lying, facts], part));
    expect(cropped.includes('somebody')).toBe(false);
    const upright = await sharp(lying).autoOrient().raw().toBuffer();
    const { data } = await sharp(cropped).raw().toBuffer({ resolveWithObject: true });
    const corner = (18 + 28 * HEIGHT) * 3;
    for (const channel of [0, 1, 2]) {
      expect(Math.abs(data[channel]! - upright[corner + channel]!)).toBeLessThan(24);
    }
  });

  it.each<[string, Job['settings']]>([
    ['the picture has 40 × 30 pixels', { x: 30, y: 0, width: 11, height: 9 }],
    ['the picture has 40 × 30 pixels', { x: 0, y: 22, width: 12, height: 9 }],
    ['x must not be negative', { ...PART, x: -1 }],
    ['y must be a whole number', { ...PART, y: 1.5 }],
    ['width must be at least 1', { ...PART, width: 0 }],
    ['height must be a whole number', { x: 0, y: 0, width: 5 }],
    ['x must be a whole number', { ...PART, x: '7' }],
    ['settings must say what to keep', null],
  ])('should say beforehand, and when asked all the same: %s', async (words, settings) => {
    const png = await sharp(shades, { raw }).png().toBuffer();
    const job = cropOf([png, { width: WIDTH, height: HEIGHT }], settings);
    expect(builtin.check?.(job)).toContain(words);
    expect(await builtin.dispatch(job, never())).toMatchObject({
      kind: 'failed',
      failure: { message: expect.stringContaining(words) as string, retryable: false },
    });
  });

  it.each<[string, Partial<Job>]>([
    ['exactly one picture', { sources: [] }],
    ['exactly one picture', { sources: [aSource(shades), aSource(shades)] }],
    ['inputs[0] is audio/wav', { sources: [aSource(shades, { contentType: 'audio/wav' })] }],
    ['64 MiB', { sources: [aSource(shades, { bytes: 2 ** 26 + 1 })] }],
    ['one output', { outputCount: 2 }],
    ['needs another provider', { kind: 'video', action: 'video.crop' }],
  ])('should say beforehand: %s', (words, rest) => {
    expect(builtin.check?.({ ...cropOf([shades]), ...rest })).toContain(words);
  });

  it('should look at the picture itself where its size was not known', async () => {
    const png = await sharp(shades, { raw }).png().toBuffer();
    const job = cropOf([png], { ...PART, width: 500 });
    expect(builtin.check?.(job)).toBeNull();
    expect(await builtin.dispatch(job, never())).toMatchObject({
      kind: 'failed',
      failure: { message: expect.stringContaining('40 × 30') as string, retryable: false },
    });
  });

  it('should fail in words, for good, when the picture is broken', async () => {
    const png = await sharp(shades, { raw }).png().toBuffer();
    for (const bytes of [png.subarray(0, 200), Buffer.from('no picture')]) {
      expect(await builtin.dispatch(cropOf([bytes]), never())).toMatchObject({
        kind: 'failed',
        failure: { message: expect.stringContaining('cannot be read') as string, retryable: false },
      });
    }
  });

  it('should end with the reason when the signal has aborted', async () => {
    const reason = new Error('too late');
    const dispatched = builtin.dispatch(cropOf([shades]), AbortSignal.abort(reason));
    await expect(dispatched).rejects.toBe(reason);
  });
});

describe('makeBuiltin, enhancing prompts', () => {
  const enhanceOf = (prompt: string | null): Job =>
    aJob({ action: 'prompt.enhance', kind: 'prompt', prompt });
  const enhanced = async (prompt: string): Promise<string> =>
    (await madeOne(enhanceOf(prompt))).toString('utf8');

  it.each([
    'cat',
    'a lighthouse at dawn',
    'A red fox in the snow.',
    '灯台、夜明け 🌅',
    'video of a drone flying over mountains at sunset',
    'a song about the sea, upbeat',
  ])('should keep the words of %j and add to them', async (prompt) => {
    const text = await enhanced(prompt);
    expect(text.startsWith(prompt)).toBe(true);
    expect(text.length).toBeGreaterThan(prompt.length + 40);
    expect(await enhanced(prompt)).toBe(text);
  });

  it('should add what goes with the words, and nothing that goes against them', async () => {
    expect(await enhanced('a harbour at night')).toMatch(/shadow/);
    expect(await enhanced('a forest in the fog')).toMatch(/mist|distance/);
    expect(await enhanced('watercolour of a fox')).toMatch(/washes|paper/);
    expect(await enhanced('portrait of a man, black and white')).toMatch(/greys/);
    expect(await enhanced('a song for children')).toMatch(/melody/);
    expect(await enhanced('a song for children')).not.toMatch(/light|colour|composition/);
    expect(await enhanced('minimalist logo of a whale')).not.toMatch(/detail|texture/);
  });

  // What would be another scene than the one that was asked for, unless the prompt says it itself.
  const SCENES = {
    night: /\b(night|moon|lamplight|dark)\b/,
    dawn: /\b(dawn|sunrise|morning)\b/,
    day: /\b(noon|daylight|sunny|sunlight)\b/,
    dusk: /\b(dusk|sunset|evening)\b/,
    rain: /\b(rain|wet)\b/,
    snow: /\bsnow\b/,
    fog: /\b(fog|mist)\b/,
    mono: /\bgreys?\b/,
  };
  const words = fc.constantFrom(
    ...[
      'a cat',
      'a castle',
      'two old men',
      'coral reef',
      'a ship',
      'pizza',
      'mountains',
      'a kitchen',
    ],
    ...['at night', 'at dawn', 'at noon', 'at sunset', 'in the rain', 'in the snow', 'in the fog'],
    ...[
      'photo',
      'watercolour',
      '3d render',
      'logo',
      'close-up',
      'aerial',
      'minimalist',
      'colourful',
    ],
    ...[
      'black and white',
      'dark',
      'modern',
      'a song',
      'video',
      'fast',
      'no people',
      'without shadow',
    ],
  );

  it('should never say another time, weather or make than the prompt', async () => {
    const prompts = fc.array(words, { minLength: 1, maxLength: 6 }).map((some) => some.join(' '));
    await fc.assert(
      fc.asyncProperty(prompts, async (prompt) => {
        const text = await enhanced(prompt);
        const added = text.slice(prompt.length).toLowerCase();
        const said = Object.entries(SCENES).filter(([, scene]) => scene.test(added));
        const mixed: Record<string, RegExp> = { ...SCENES, mono: /black and white/ };
        expect(said.filter(([name]) => !mixed[name]!.test(prompt))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('should leave open what the prompt says in two ways', async () => {
    expect(await enhanced('a city from dawn to night')).not.toMatch(/long soft|quiet shadow/);
    expect(await enhanced('a close-up, then aerial')).not.toMatch(/filling most|open space/);
    expect(await enhanced('a photo of a watercolour')).not.toMatch(/washes|grain/);
    expect(await enhanced('slow, then fast: a song')).not.toMatch(/calm pulse/);
  });

  it('should not add what the prompt does not want', async () => {
    for (const unwanted of ['shadow', 'light', 'texture', 'detail', 'background', 'colours']) {
      const text = await enhanced(`a castle on a hill with no ${unwanted}, please`);
      expect(text.slice(text.indexOf('please'))).not.toContain(unwanted);
    }
  });

  it('should stay within three times the length, and within 2,000 characters', async () => {
    const prompts = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 2_000 });
    await fc.assert(
      fc.asyncProperty(prompts, async (prompt) => {
        fc.pre(prompt.trim() !== '' && prompt.length <= 2_000);
        const { length } = await enhanced(prompt);
        expect(length).toBeLessThanOrEqual(Math.min(2_000, Math.max(3 * prompt.length, 240)));
      }),
      { numRuns: 300 },
    );
    expect(await enhanced('x'.repeat(1_995))).toBe('x'.repeat(1_995));
  });

  it('should be text, whatever was typed', async () => {
    expect(await enhanced('a fox\u0000\u0007 by a lake')).toMatch(/^a fox by a lake, /);
  });

  it.each([
    ['needs a prompt', null],
    ['needs a prompt', ' \n '],
    ['at most 2000', 'x'.repeat(2_001)],
  ])('should say beforehand: %s', async (said, prompt) => {
    expect(builtin.check?.(enhanceOf(prompt))).toContain(said);
    expect(await builtin.dispatch(enhanceOf(prompt), never())).toMatchObject({ kind: 'failed' });
  });
});
