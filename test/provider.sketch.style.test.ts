import sharp from 'sharp';
import { systemClock } from '../src/clock.js';
import type { Job } from '../src/provider.js';
import { makeSketch } from '../src/provider/sketch.js';
import { paletteOf } from '../src/provider/sketch/palette.js';
import { bandsOf, paletteIn } from '../src/provider/sketch/tint.js';
import { rgbOf } from '../src/provider/sketch/colour.js';
import { aJob, aSource, deliveredBy } from './contract/provider.samples.js';
import { decodePng, difference } from './decode-png.js';
import type { Picture } from './decode-png.js';

const sketch = makeSketch({ clock: systemClock });
const made = (rest: Partial<Job>): Promise<Buffer[]> => deliveredBy(sketch, aJob(rest));
const STYLE: Partial<Job> = { action: 'style.create', kind: 'style', prompt: 'warm paper' };

/** The colours of the six bands at the bottom, from left to right, where each is widest. */
function bandsIn({ width, height, pixels }: Picture): number[][] {
  return Array.from({ length: 6 }, (_, band) => {
    const at = (Math.floor(height * 0.9) * width + Math.floor(((band + 0.5) * width) / 6)) * 3;
    return [...pixels.subarray(at, at + 3)];
  });
}

/** The share of pixels that are near one of the colours, or between two neighbours of them. */
function shareIn(picture: Picture, colours: readonly (readonly number[])[]): number {
  const near = (at: number): boolean =>
    colours.some((colour) =>
      colour.every((value, c) => Math.abs(value - picture.pixels[at + c]!) < 40),
    );
  const starts = Array.from({ length: picture.pixels.length / 3 }, (_, pixel) => pixel * 3);
  return starts.filter(near).length / starts.length;
}

describe('makeSketch, creating styles', () => {
  it('should make boards whose bands are the palette, all different', async () => {
    const boards = (await made({ ...STYLE, outputCount: 4 })).map((file) => decodePng(file));
    const bands = boards.map((board) => bandsIn(board));
    expect(new Set(bands.map((colours) => JSON.stringify(colours))).size).toBe(4);
    for (const colours of bands) expect(new Set(colours.map(String)).size).toBe(6);
    for (const { width, height } of boards) expect([width, height]).toEqual([512, 512]);
  });

  it('should be read back as it was, also from a copy that lost something', async () => {
    const [board] = await made({ ...STYLE, settings: { sketch: { seed: 3 } } });
    const palette = bandsOf(paletteOf('warm paper', 3)).map((colour) => rgbOf(colour));
    const jpeg = await sharp(board).resize(300).jpeg({ quality: 80 }).toBuffer();
    for (const [bytes, shades] of [
      [board!, 2],
      [jpeg, 5],
    ] as const) {
      const read = bandsOf(await paletteIn(aSource(bytes))).map((colour) => rgbOf(colour));
      for (const [band, colour] of palette.entries()) {
        for (const [channel, value] of colour.entries()) {
          expect(Math.abs(read[band]![channel]! - value)).toBeLessThanOrEqual(shades);
        }
      }
    }
  });

  it('should give later pictures and videos its colours, whatever their prompts', async () => {
    const boards = await made({ ...STYLE, outputCount: 3 });
    for (const board of boards) {
      const colours = bandsIn(decodePng(board));
      const sources = [aSource(board, { kind: 'style' })];
      const settings = { size: '128x128' };
      const [plain] = await made({ prompt: 'a red fox', settings });
      const [styled] = await made({ prompt: 'a red fox', settings, sources });
      expect(difference(decodePng(plain!), decodePng(styled!))).toBeGreaterThan(0.5);
      expect(shareIn(decodePng(styled!), colours)).toBeGreaterThan(0.5);
      const [film] = await made({ action: 'video.generate', kind: 'video', settings, sources });
      const frame = await sharp(film).removeAlpha().png().toBuffer();
      expect(shareIn(decodePng(frame), colours)).toBeGreaterThan(0.5);
    }
  });

  it('should take a style from a picture', async () => {
    const red = await sharp({
      create: { width: 90, height: 60, channels: 3, background: '#c01020' },
    })
      .png()
      .toBuffer();
    const [board] = await made({ ...STYLE, sources: [aSource(red)] });
    for (const [r, g, b] of bandsIn(decodePng(board!))) expect(r! > g! && r! > b!).toBe(true);
  });

  it.each([
    ['settings.format', { settings: { format: 'jpeg' } }],
    ['settings.size', { settings: { size: '2048x2048' } }],
    [
      'inputs[0] is text/plain',
      { sources: [aSource(Buffer.from('x'), { contentType: 'text/plain' })] },
    ],
  ] satisfies [string, Partial<Job>][])('should say beforehand: %s', (words, rest) => {
    expect(sketch.check?.(aJob({ ...STYLE, ...rest }))).toContain(words);
  });
});
