import type { FileHandle } from 'node:fs/promises';
import type { MediaFacts } from '../media.js';

const RIFF_HEADER_BYTES = 12;
const CHUNK_HEADER_BYTES = 8;
const FORMAT_BYTES = 16;
// Between its beginning and the sound: a cue list or some words about it, not thousands of them.
const MAX_CHUNKS = 100;
/** What a writer says that did not know the length beforehand. */
const UNKNOWN_LENGTHS = [0, 0xffffffff];
const MAX_DURATION_MS = 24 * 60 * 60 * 1000;

/** Walks the chunks of a RIFF WAVE file up to its sound. Null: there is none, or less of it than is said. */
export async function inspectWav(file: FileHandle): Promise<MediaFacts | null> {
  const { size } = await file.stat();
  let bytesPerSecond = 0;
  let at = RIFF_HEADER_BYTES;
  for (let count = 0; count < MAX_CHUNKS; count += 1) {
    const header = await bytesAt(file, at, CHUNK_HEADER_BYTES);
    if (!header) return null;
    const name = header.toString('latin1', 0, 4);
    const length = header.readUInt32LE(4);
    at += CHUNK_HEADER_BYTES;
    if (name === 'data') {
      const left = size - at;
      const isKnown = !UNKNOWN_LENGTHS.includes(length);
      return isKnown && length > left ? null : factsOf(isKnown ? length : left, bytesPerSecond);
    }
    if (name === 'fmt ') {
      bytesPerSecond = (await bytesAt(file, at, FORMAT_BYTES))?.readUInt32LE(8) ?? 0;
    }
    // Chunks begin at even places.
    at += length + (length % 2);
  }
  return null;
}

function factsOf(soundBytes: number, bytesPerSecond: number): MediaFacts | null {
  const durationMs = Math.round((soundBytes / bytesPerSecond) * 1000);
  // Also for what is no number.
  if (!(durationMs >= 1 && durationMs <= MAX_DURATION_MS)) return null;
  return { contentType: 'audio/wav', width: null, height: null, durationMs };
}

/** Null: the file ends before. */
async function bytesAt(file: FileHandle, at: number, length: number): Promise<Buffer | null> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await file.read(bytes, 0, length, at);
  return bytesRead === length ? bytes : null;
}
