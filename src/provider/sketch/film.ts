import sharp from 'sharp';
import type { Source } from '../../provider.js';
import { Unreadable } from './medium.js';
import { pixelsOf, sharpOf } from './picture.js';
import type { Pixels } from './picture.js';
import { joined } from './webp.js';
import type { Still } from './webp.js';

/** A picture that moves: its frames all have one size. */
export interface Film {
  frames: readonly Pixels[];
  /** How long each frame is shown. */
  delaysMs: readonly number[];
}

/** Frames of a second that are sketched. */
export const FRAME_RATE = 12;
/** Pixels on each side: a film of 4 s takes about 1 s to draw then. */
export const MAX_FILM_SIDE = 512;
// Of a film that is given; the rest is left out. 8 s at 12 frames a second.
const MAX_FRAMES = 96;
// All frames together, as they are decoded.
const MAX_SOURCE_PIXELS = 64_000_000;
// What browsers make of a frame that is to be shown for no time at all.
const LEAST_DELAY_MS = 20;
const USUAL_DELAY_MS = 100;

/** Reads an animated WebP or GIF, within `MAX_FILM_SIDE`. */
export async function readFilm(source: Source): Promise<Film> {
  return opened(source, async (bytes) => {
    const { pages, width, height, delaysMs } = await outlineOf(bytes);
    const room = Math.floor(MAX_SOURCE_PIXELS / (width * height));
    const count = Math.min(pages, MAX_FRAMES, Math.max(1, room));
    const { data, info } = await sharp(bytes, { ...BOUNDED, pages: count })
      .resize(MAX_FILM_SIDE, MAX_FILM_SIDE, { fit: 'inside', withoutEnlargement: true })
      .toColourspace('srgb')
      .ensureAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const size = { width: info.width, height: info.pageHeight ?? info.height / count };
    const length = size.width * size.height * 4;
    const frames = Array.from({ length: count }, (_, frame): Pixels => {
      return { ...size, channels: 4, data: data.subarray(frame * length, (frame + 1) * length) };
    });
    return { frames, delaysMs: delaysMs.slice(0, count) };
  });
}

/** One frame of an animated WebP or GIF, its very pixels. `pick` chooses its number from how many there are. */
export async function frameOf(source: Source, pick: (count: number) => number): Promise<Pixels> {
  return opened(source, async (bytes) => {
    const { pages } = await outlineOf(bytes);
    return pixelsOf(sharp(bytes, { ...BOUNDED, page: pick(pages) }));
  });
}

const BOUNDED = { limitInputPixels: MAX_SOURCE_PIXELS, failOn: 'truncated' } as const;

async function outlineOf(
  bytes: Buffer,
): Promise<{ pages: number; width: number; height: number; delaysMs: number[] }> {
  const {
    pages = 1,
    width,
    pageHeight,
    height,
    delay = [],
  } = await sharp(bytes, BOUNDED).metadata();
  const delaysMs = Array.from({ length: pages }, (_, page) => {
    const delayMs = delay[page] ?? USUAL_DELAY_MS;
    return delayMs < LEAST_DELAY_MS ? USUAL_DELAY_MS : delayMs;
  });
  return { pages, width, height: pageHeight ?? height, delaysMs };
}

async function opened<T>(source: Source, read: (bytes: Buffer) => Promise<T>): Promise<T> {
  const bytes = await source.read();
  try {
    return await read(bytes);
  } catch {
    throw new Unreadable(
      `The input ${source.id} cannot be read as an animation (${source.contentType}): it is broken or too large. Give another one.`,
    );
  }
}

/** An animated WebP that repeats for ever. */
export async function encodedFilm({ frames, delaysMs }: Film): Promise<Uint8Array> {
  const [first] = frames;
  if (!first) throw new Error('a film without frames');
  const stills: Still[] = [];
  for (const [index, frame] of frames.entries()) {
    // Effort 2 takes half as long as the default and makes files that are hardly larger.
    const webp = await sharpOf(frame).webp({ quality: 88, effort: 2 }).toBuffer();
    stills.push({ webp, delayMs: delaysMs[index] ?? USUAL_DELAY_MS });
  }
  return joined(stills, first);
}
