import sharp from 'sharp';
import type { Sharp } from 'sharp';
import type { Source } from '../../provider.js';
import { Unreadable } from './medium.js';
import type { Size } from './settings.js';

/** Pixels, row by row, 8 bits per channel: RGB, or RGBA. */
export interface Pixels extends Size {
  data: Buffer;
  channels: 3 | 4;
}

// 8,000 × 8,000: what a good camera makes. Above it a small file may ask for gigabytes.
const MAX_SOURCE_PIXELS = 64_000_000;

/** The bytes of an input, as a picture: its first frame, upright. `look` takes what it needs of it. */
export async function look<T>(source: Source, look: (picture: Sharp) => Promise<T>): Promise<T> {
  const bytes = await source.read();
  try {
    const options = { limitInputPixels: MAX_SOURCE_PIXELS, failOn: 'truncated' } as const;
    return await look(sharp(bytes, options).autoOrient());
  } catch {
    throw new Unreadable(
      `The input ${source.id} cannot be read as a picture (${source.contentType}): it is broken or too large. Give another one.`,
    );
  }
}

/** The picture within `maxSide`, never enlarged. */
export async function pixelsWithin(source: Source, maxSide: number): Promise<Pixels> {
  return look(source, (picture) =>
    pixelsOf(picture.resize(maxSide, maxSide, { fit: 'inside', withoutEnlargement: true })),
  );
}

export async function pixelsOf(picture: Sharp): Promise<Pixels> {
  const { data, info } = await picture
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  if (channels === 3 || channels === 4) return { data, width, height, channels };
  throw new Error(`a picture of ${channels} channels`);
}

export async function drawn(svg: string): Promise<Pixels> {
  return pixelsOf(sharp(Buffer.from(svg)).removeAlpha());
}

export function sharpOf({ data, width, height, channels }: Pixels): Sharp {
  return sharp(data, { raw: { width, height, channels } });
}

export type PictureFormat = 'png' | 'webp' | 'jpeg';

export async function encoded(picture: Sharp, format: PictureFormat): Promise<Uint8Array> {
  if (format === 'png') return picture.png().toBuffer();
  if (format === 'webp') return picture.webp({ quality: 90 }).toBuffer();
  // Without subsampling: edges of flat colours stay clean.
  return picture
    .flatten({ background: 'white' })
    .jpeg({ quality: 90, chromaSubsampling: '4:4:4' })
    .toBuffer();
}
