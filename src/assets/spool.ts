import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rm, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { TooLarge, type Assets, type Content } from '../assets.js';
import { hasCode, isMissing } from './faults.js';

export interface SpoolOptions {
  /** Made when it is missing. */
  dir: string;
  /** How the names of its files begin, where others use the directory, too. */
  prefix: string;
  /** Permissions of its files; the umask takes from them. */
  mode: number;
}

/** Where files are received on this machine, one file each. */
export interface Spool {
  receive: Assets['receive'];
  /** The path of a file that is not there yet, in the directory, which is. */
  reserve(): Promise<string>;
}

// Receiving, looking and putting take minutes at most, and writing keeps a file young: an old one was left by a process that died.
const ABANDONED_MS = 60 * 60 * 1000;
// Hashing holds the event loop: 1 MiB takes about a millisecond, a whole film half a second.
const PIECE_BYTES = 2 ** 20;

export function makeSpool({ dir, prefix, mode }: SpoolOptions): Spool {
  let swept: Promise<void> | undefined;
  let sweepAgainAt = 0;

  async function reserve(): Promise<string> {
    // File times are the machine's, so its clock it is.
    if (Date.now() >= sweepAgainAt) {
      sweepAgainAt = Date.now() + ABANDONED_MS;
      // What is wrong with the directory, the write itself meets and reports.
      swept = sweep(dir, prefix).catch(() => undefined);
    }
    await swept;
    await mkdir(dir, { recursive: true });
    return join(dir, `${prefix}${randomUUID()}.part`);
  }

  return {
    reserve,
    async receive(content, { maxBytes, signal }) {
      signal?.throwIfAborted();
      const path = await reserve();
      const discard = (): Promise<void> => rm(path, { force: true });
      try {
        const pieces = piecesOf(content, signal);
        return { path, ...(await write(path, mode, pieces, maxBytes)), discard };
      } catch (error) {
        // What cannot be removed now is swept later; the first error is the one to tell.
        await discard().catch(() => undefined);
        throw error;
      }
    },
  };
}

async function write(
  path: string,
  mode: number,
  pieces: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  const handle = await open(path, 'wx', mode);
  try {
    for await (const piece of pieces) {
      bytes += piece.length;
      if (bytes > maxBytes) throw new TooLarge(maxBytes);
      hash.update(piece);
      await handle.writeFile(piece);
    }
  } finally {
    await handle.close();
  }
  return { bytes, sha256: hash.digest('hex') };
}

async function* piecesOf(content: Content, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  if (!(Symbol.asyncIterator in content)) {
    for (let at = 0; at < content.length; at += PIECE_BYTES) {
      signal?.throwIfAborted();
      yield content.subarray(at, at + PIECE_BYTES);
    }
    return;
  }
  const iterator = content[Symbol.asyncIterator]();
  let ended = false;
  try {
    for (;;) {
      const next = await orAborted(iterator.next(), signal);
      ended = next.done === true;
      if (next.done) return;
      yield next.value;
    }
  } finally {
    // Not waited for: one that hangs returns only when what it hangs on has come.
    if (!ended) void iterator.return?.().catch(() => undefined);
  }
}

/** What `work` answers; rejects with the signal's reason as soon as it aborts. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    work.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', stop);
    });
  });
}

/** Removes what processes that died have left. */
async function sweep(dir: string, prefix: string): Promise<void> {
  const names = await readdir(dir).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  for (const name of names) {
    if (!name.startsWith(prefix) || !name.endsWith('.part')) continue;
    const path = join(dir, name);
    try {
      // File times are the machine's, so its clock it is.
      if (Date.now() - (await stat(path)).mtimeMs > ABANDONED_MS) await unlink(path);
    } catch (error) {
      // Another process may sweep the same file, or own it: a temporary directory is everybody's.
      if (!isMissing(error) && !hasCode(error, 'EPERM', 'EACCES')) throw error;
    }
  }
}
