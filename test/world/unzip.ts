import { fromBuffer, type Entry, type ZipFile } from 'yauzl';
import { bytesOf } from '../contract/assets.contract.js';

/** One file of an archive; `stored`: not compressed. */
export interface Found {
  bytes: Buffer;
  stored: boolean;
  at: number;
}

/** What is in the archive, by name; rejects when it is damaged. */
export async function unzip(zip: Buffer): Promise<Map<string, Found>> {
  const file = await new Promise<ZipFile>((resolve, reject) => {
    fromBuffer(zip, { lazyEntries: true, strictFileNames: true }, (error, opened) => {
      if (error) reject(error);
      else resolve(opened);
    });
  });
  const found = new Map<string, Found>();
  return new Promise((resolve, reject) => {
    file.on('error', reject);
    file.on('end', () => {
      resolve(found);
    });
    file.on('entry', (entry: Entry) => {
      file.openReadStream(entry, (error, stream) => {
        if (error) {
          reject(error);
          return;
        }
        bytesOf(stream).then((bytes) => {
          const stored = entry.compressionMethod === 0;
          found.set(entry.fileName, { bytes, stored, at: entry.getLastModDate().getTime() });
          file.readEntry();
        }, reject);
      });
    });
    file.readEntry();
  });
}
