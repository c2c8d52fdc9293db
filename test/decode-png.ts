import { crc32, inflateSync } from 'node:zlib';

export interface Picture {
  width: number;
  height: number;
  /** RGB, row by row. */
  pixels: Uint8Array;
}

const SIGNATURE = '89504e470d0a1a0a';
const CHANNELS = 3;

/**
 * Decodes an 8-bit RGB PNG by the letter of its specification, so that tests do not trust the library that drew it. Throws on
 * anything malformed.
 */
export function decodePng(bytes: Uint8Array): Picture {
  const file = Buffer.from(bytes);
  if (file.subarray(0, 8).toString('hex') !== SIGNATURE) throw new Error('not a PNG');
  const data: Buffer[] = [];
  let header: Buffer | undefined;
  let ended = false;
  for (let at = 8; at < file.length;) {
    const length = file.readUInt32BE(at);
    const type = file.toString('latin1', at + 4, at + 8);
    const content = file.subarray(at + 8, at + 8 + length);
    if (crc32(file.subarray(at + 4, at + 8 + length)) !== file.readUInt32BE(at + 8 + length)) {
      throw new Error(`checksum of ${type}`);
    }
    if (type === 'IHDR') header = content;
    if (type === 'IDAT') data.push(content);
    ended = type === 'IEND';
    at += 12 + length;
  }
  if (!header || !ended) throw new Error('incomplete');
  const [depth, colour, , , interlaced] = header.subarray(8);
  if (depth !== 8 || colour !== 2 || interlaced !== 0) throw new Error('not plain 8-bit RGB');
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  return { width, height, pixels: unfiltered(inflateSync(Buffer.concat(data)), width, height) };
}

function unfiltered(raw: Buffer, width: number, height: number): Uint8Array {
  const stride = width * CHANNELS;
  if (raw.length !== (stride + 1) * height) throw new Error('wrong amount of pixels');
  const pixels = new Uint8Array(stride * height);
  for (let row = 0; row < height; row += 1) {
    const filter = raw[row * (stride + 1)]!;
    for (let column = 0; column < stride; column += 1) {
      const at = row * stride + column;
      const left = column < CHANNELS ? 0 : pixels[at - CHANNELS]!;
      const up = row === 0 ? 0 : pixels[at - stride]!;
      const corner = row === 0 || column < CHANNELS ? 0 : pixels[at - stride - CHANNELS]!;
      pixels[at] = raw[at + row + 1]! + predicted(filter, left, up, corner);
    }
  }
  return pixels;
}

function predicted(filter: number, left: number, up: number, corner: number): number {
  if (filter === 0) return 0;
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  if (filter !== 4) throw new Error(`filter ${filter}`);
  const [a, b, c] = [left, up, corner].map((value) => Math.abs(left + up - corner - value));
  if (a! <= b! && a! <= c!) return left;
  return b! <= c! ? up : corner;
}

/** The share of pixels that differ, in any channel, by more than `shades`. */
export function difference(one: Picture, other: Picture, shades = 8): number {
  const count = one.pixels.length / CHANNELS;
  const apart = (at: number): number => Math.abs(one.pixels[at]! - other.pixels[at]!);
  let differing = 0;
  for (let at = 0; at < one.pixels.length; at += CHANNELS) {
    if (Math.max(apart(at), apart(at + 1), apart(at + 2)) > shades) differing += 1;
  }
  return differing / count;
}

/** How many colours a picture has, near ones counted as one: a blank has 1. */
export function colours({ pixels }: Picture): number {
  const seen = new Set<number>();
  for (let at = 0; at < pixels.length; at += CHANNELS) {
    seen.add(((pixels[at]! >> 4) << 8) | ((pixels[at + 1]! >> 4) << 4) | (pixels[at + 2]! >> 4));
  }
  return seen.size;
}
