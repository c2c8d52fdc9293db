import { addAbortSignal, Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { ZipFile } from 'yazl';

/** A ZIP archive that is sent while it is made; ZIP64 where its size needs it. */
export interface Zip {
  stream: Readable;
  /**
   * Resolves when all of the content is read, which is as fast as the archive is: so one file is open at a time. Bytes in
   * memory are text and get compressed; a stream is media, which are. Rejects when the stream fails.
   */
  add(name: string, content: Buffer | Readable): Promise<void>;
  end(): void;
}

const PIECE_BYTES = 64 * 1024;

/** `at`: the time of its files. When `signal` aborts, what is being added is destroyed. */
export function makeZip(at: Date, signal: AbortSignal): Zip {
  const zip = new ZipFile();
  const stream = zip.outputStream;
  // Its type says less than what it is: one that can be destroyed.
  if (!(stream instanceof Readable)) throw new Error('yazl makes another kind of stream now.');
  zip.on('error', (error: Error) => stream.destroy(error));
  return {
    stream,
    async add(name, content) {
      const compress = Buffer.isBuffer(content);
      // In pieces: yazl would write a whole buffer at once, however slowly the archive is read.
      const source = compress ? Readable.from(piecesOf(content), { objectMode: false }) : content;
      addAbortSignal(signal, source);
      // yazl does not look at a stream that fails; waiting for the end does.
      const read = finished(source);
      zip.addReadStream(source, name, { compress, mtime: at });
      await read;
    },
    end() {
      zip.end();
    },
  };
}

function* piecesOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
}
