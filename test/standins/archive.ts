import { Readable } from 'node:stream';
import type { ArchiveEntry } from '../../src/app/archive.js';

/** An archive of these entries; `asked` of them were taken so far, and `left` says that no more will be. */
export function of(...entries: ArchiveEntry[]) {
  const seen = { asked: 0, left: false };
  async function* generate(): AsyncGenerator<ArchiveEntry> {
    try {
      for (const entry of entries) {
        seen.asked += 1;
        yield Promise.resolve(entry);
      }
    } finally {
      seen.left = true;
    }
  }
  return Object.assign(() => generate(), { seen });
}

/** A file that is opened when its turn comes; null: it is gone. */
export const media = (name: string, stream: () => Readable | null): ArchiveEntry => ({
  name,
  content: () => Promise.resolve(stream()),
});

/** A film without end that counts how much of it was read. */
export function endless() {
  const seen = { read: 0 };
  const stream = new Readable({
    read() {
      seen.read += 64 * 1024;
      this.push(Buffer.alloc(64 * 1024));
    },
  });
  return Object.assign(stream, { seen });
}
