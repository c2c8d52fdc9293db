import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { bulkhead } from 'cockatiel';
import sharp from 'sharp';
import type { Media } from '../media.js';
import { HEAD_BYTES, familyOf, typesOf } from './kinds.js';
import { inspectPicture, thumbnailOf } from './picture.js';
import { MAX_TEXT_BYTES, inspectText } from './text.js';
import { makeInspectTrack } from './track.js';
import { inspectWav } from './wav.js';

/**
 * Pictures are decoded, films and recordings are read to their last piece in a process of its own, text and JSON are read
 * whole. The first bytes say who looks: no decoder sees what it is not for. Throws for files that cannot be read at all.
 */
export function makeMedia(): Media {
  const inspectTrack = makeInspectTrack();
  // One at a time: decoders share four threads with everything that reads and writes files.
  const pictures = bulkhead(1, Infinity);
  // By default the decoder remembers files by their paths, and keeps them open: deleted ones would still take up the disk.
  sharp.cache(false);
  return {
    async inspect(path, isWanted) {
      const file = await open(path, 'r');
      try {
        const family = familyOf(await startOf(file, HEAD_BYTES));
        if (!(family ? typesOf(family) : TEXT_TYPES).some(isWanted)) return null;
        if (family === null) return inspectText(await startOf(file, MAX_TEXT_BYTES + 1));
        if (family.reader === 'picture') {
          return await pictures.execute(() => inspectPicture(path, family.contentType));
        }
        if (family.reader === 'track') return await inspectTrack(path, family.format);
        return await inspectWav(file);
      } finally {
        await file.close();
      }
    },
    thumbnail(path, { contentType }) {
      const isPicture = contentType.startsWith('image/');
      return isPicture ? pictures.execute(() => thumbnailOf(path)) : Promise.resolve(null);
    },
  };
}

const TEXT_TYPES = ['text/plain', 'application/json'];

async function startOf(file: FileHandle, maxBytes: number): Promise<Buffer> {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(maxBytes), 0, maxBytes, 0);
  return buffer.subarray(0, bytesRead);
}
