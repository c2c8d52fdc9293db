import WebP from 'node-webpmux';
import type { Picture } from '../decode-png.js';

export interface DecodedWebp {
  width: number;
  height: number;
  /** One for a still picture. */
  frames: Picture[];
  /** Of each frame; empty for a still picture. */
  delaysMs: number[];
  /** Whatever it carries besides pixels. */
  metadata: (Buffer | undefined)[];
}

/**
 * Decodes a WebP by another reader of the container than the one that is tested. Throws on anything malformed, and on frames
 * that do not fill the picture: sketches have none.
 */
export async function decodeWebp(bytes: Uint8Array): Promise<DecodedWebp> {
  await WebP.Image.initLib();
  const image = new WebP.Image();
  await image.load(Buffer.from(bytes));
  const { width, height, frames: parts = [] } = image;
  const metadata = [image.iccp, image.exif, image.xmp];
  if (parts.length === 0) {
    const frames = [{ width, height, pixels: withoutAlpha(await image.getImageData()) }];
    return { width, height, frames, delaysMs: [], metadata };
  }
  const frames: Picture[] = [];
  for (const [index, part] of parts.entries()) {
    if (part.width !== width || part.height !== height) throw new Error(`frame ${index} is a part`);
    frames.push({ width, height, pixels: withoutAlpha(await image.getFrameData(index)) });
  }
  return { width, height, frames, delaysMs: parts.map((part) => part.delay), metadata };
}

function withoutAlpha(rgba: Uint8Array): Uint8Array {
  return rgba.filter((_, at) => at % 4 !== 3);
}
