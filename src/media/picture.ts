import sharp from 'sharp';
import type { Metadata } from 'sharp';
import type { MediaFacts } from '../media.js';

// 8,000 × 8,000: what a good camera makes.
const MAX_PIXELS = 64_000_000;
// The same in memory, at 4 bytes each: some files have to be held whole while they are decoded.
const MAX_DECODED_BYTES = 4 * MAX_PIXELS;
// A long film of 5 minutes at 30 frames a second.
const MAX_PAGES = 9_000;
const TIMEOUT = { seconds: 10 };
// What browsers make of a frame that is to be shown for no time at all.
const LEAST_DELAY_MS = 20;
const USUAL_DELAY_MS = 100;
const THUMBNAIL_SIDE = 320;

/** Null: not a whole picture of this type, or more than is decoded here. */
export async function inspectPicture(
  path: string,
  contentType: string,
): Promise<MediaFacts | null> {
  try {
    const facts = await sharp(path, BOUNDED).metadata();
    if (facts.mediaType !== contentType || !isWithinBounds(facts)) return null;
    await decode(path, facts);
    const { width, height } = facts.autoOrient;
    return { contentType, width, height, durationMs: durationOf(facts) };
  } catch {
    // Whatever the decoder stumbles over: it is not a whole picture.
    return null;
  }
}

const BOUNDED = { limitInputPixels: MAX_PIXELS, failOn: 'error', sequentialRead: true } as const;

function isWithinBounds({
  width,
  height,
  channels,
  depth,
  pages = 1,
  pageHeight,
}: Metadata): boolean {
  const bytes = depth === 'uchar' ? 1 : depth === 'ushort' ? 2 : 4;
  return (
    pages <= MAX_PAGES && width * (pageHeight ?? height) * channels * bytes <= MAX_DECODED_BYTES
  );
}

/** Rejects when the pixels are not all there. Of a long animation as many frames are looked at as the bound allows. */
async function decode(
  path: string,
  { width, height, pages = 1, pageHeight }: Metadata,
): Promise<void> {
  const room = Math.floor(MAX_PIXELS / (width * (pageHeight ?? height)));
  await sharp(path, { ...BOUNDED, pages: Math.max(1, Math.min(pages, room)) })
    // Every pixel is looked at, nothing much is kept.
    .resize(8, 8, { fit: 'fill', kernel: 'linear', fastShrinkOnLoad: false })
    .timeout(TIMEOUT)
    .raw()
    .toBuffer();
}

function durationOf({ pages = 1, delay = [] }: Metadata): number | null {
  if (pages < 2) return null;
  const delays = Array.from({ length: pages }, (_, page) => delay[page] ?? USUAL_DELAY_MS);
  return delays.reduce((sum, ms) => sum + (ms < LEAST_DELAY_MS ? USUAL_DELAY_MS : ms), 0);
}

/** The first frame as a small WebP without metadata. Null: it cannot be read. */
export async function thumbnailOf(path: string): Promise<Uint8Array | null> {
  try {
    return await sharp(path, BOUNDED)
      .autoOrient()
      .resize(THUMBNAIL_SIDE, THUMBNAIL_SIDE, { fit: 'inside', withoutEnlargement: true })
      .timeout(TIMEOUT)
      .webp({ quality: 78 })
      .toBuffer();
  } catch {
    return null;
  }
}
