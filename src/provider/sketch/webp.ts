import type { Size } from './settings.js';

/** One frame: a still lossy WebP, and how long it is shown. */
export interface Still {
  webp: Buffer;
  delayMs: number;
}

// Flags of VP8X (the WebP container specification), and of a frame.
const ANIMATED = 0x02;
const ALPHA = 0x10;
const REPLACES_WHAT_WAS_THERE = 0x02;
const RIFF_HEADER_BYTES = 12;
const CHUNK_HEADER_BYTES = 8;

/**
 * Joins still lossy WebPs of one size into one that moves and repeats for ever, each frame whole. The usual encoder stores what
 * changed by more than some shades only: slow gradients fall into blocks.
 */
export function joined(stills: readonly Still[], { width, height }: Size): Buffer {
  const parts = stills.map(({ webp }) =>
    chunksOf(webp).filter(({ name }) => name === 'ALPH' || name === 'VP8 '),
  );
  const hasAlpha = parts.flat().some(({ name }) => name === 'ALPH');
  const frames = stills.map(({ delayMs }, frame) => {
    // The corner at 0, 0; sides are stored less one.
    const head = Buffer.alloc(16);
    head.writeUIntLE(width - 1, 6, 3);
    head.writeUIntLE(height - 1, 9, 3);
    head.writeUIntLE(delayMs, 12, 3);
    head.writeUInt8(REPLACES_WHAT_WAS_THERE, 15);
    return chunk('ANMF', Buffer.concat([head, ...(parts[frame] ?? []).map(({ bytes }) => bytes)]));
  });
  const canvas = Buffer.alloc(10);
  canvas.writeUInt8(hasAlpha ? ANIMATED | ALPHA : ANIMATED, 0);
  canvas.writeUIntLE(width - 1, 4, 3);
  canvas.writeUIntLE(height - 1, 7, 3);
  // No background, and 0 repeats, which is for ever.
  const animation = Buffer.alloc(6);
  const content = [Buffer.from('WEBP'), chunk('VP8X', canvas), chunk('ANIM', animation), ...frames];
  return chunk('RIFF', Buffer.concat(content));
}

function chunksOf(webp: Buffer): { name: string; bytes: Buffer }[] {
  const chunks = [];
  for (let at = RIFF_HEADER_BYTES; at + CHUNK_HEADER_BYTES <= webp.length;) {
    const length = webp.readUInt32LE(at + 4);
    const end = at + CHUNK_HEADER_BYTES + length + (length % 2);
    chunks.push({ name: webp.toString('latin1', at, at + 4), bytes: webp.subarray(at, end) });
    at = end;
  }
  return chunks;
}

function chunk(name: string, content: Buffer): Buffer {
  const header = Buffer.alloc(CHUNK_HEADER_BYTES);
  header.write(name, 0, 'latin1');
  header.writeUInt32LE(content.length, 4);
  // Chunks begin at even places.
  return Buffer.concat([header, content, Buffer.alloc(content.length % 2)]);
}
