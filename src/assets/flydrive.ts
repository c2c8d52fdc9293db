import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, open as openFile, readdir, rename, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Disk } from 'flydrive';
import { FSDriver } from 'flydrive/drivers/fs';
import type { Assets } from '../assets.js';

// At least two parts and an extension, so that no key can be a directory of another; `incoming` is ours.
const KEY = /^(?!incoming\/)(?:[A-Za-z0-9_-]{1,128}\/){1,7}[A-Za-z0-9_-]{1,128}\.[a-z0-9]{1,8}$/;
const INCOMING = 'incoming';
// A put takes seconds; what is older was left by a process that died.
const ABANDONED_MS = 60 * 60 * 1000;

/**
 * Keeps files under `url`, a directory as `file:///absolute/path`; it is created on the first put. A file appears whole or
 * not at all, and is on the disk when `put` resolves. Putting a key again replaces it. Several processes may share the
 * directory. Throws when `url` cannot be used, and on a malformed key.
 */
export function makeFlydriveAssets(options: { url: string }): Assets {
  const root = directoryOf(options.url);
  const disk = new Disk(new FSDriver({ location: root, visibility: 'private' }));
  let swept: Promise<void> | undefined;
  return {
    async put(key, bytes, contentType) {
      const target = join(root, checked(key));
      // What is wrong with the directory, the put itself meets and reports.
      swept ??= sweep(join(root, INCOMING)).catch(() => undefined);
      await swept;
      // flydrive writes (and moves, by copying) in place, which a reader could see half done: so it writes a part beside.
      const part = `${INCOMING}/${randomUUID()}.part`;
      try {
        await disk.put(part, bytes, { contentType });
        await flush(join(root, part), 'r+');
        await mkdir(dirname(target), { recursive: true });
        await rename(join(root, part), target);
        await flush(dirname(target), 'r').catch(rethrowUnlessUnsupported);
      } catch (error) {
        // A part that cannot be removed now is swept later; the first error is the one to tell.
        await disk.delete(part).catch(() => undefined);
        throw error;
      }
    },
    async open(key) {
      const stream = await disk.getStream(checked(key));
      try {
        await once(stream, 'open');
        return stream;
      } catch (error) {
        if (isMissing(error)) return null;
        throw error;
      }
    },
    remove: (key) => disk.delete(checked(key)),
  };
}

function directoryOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed?.protocol === 'file:' && parsed.hostname === '') return fileURLToPath(parsed);
  throw new Error(
    'OUTPUTS_URL must be a directory as file:///absolute/path; no other kind (such as s3://) is supported in this version.',
  );
}

function checked(key: string): string {
  if (KEY.test(key)) return key;
  throw new Error(
    `Malformed asset key ${JSON.stringify(key)}: use name/name.ext of A-Z a-z 0-9 _ -.`,
  );
}

/** Makes a file's bytes, or a directory's entries, survive a power cut. */
async function flush(path: string, flags: 'r' | 'r+'): Promise<void> {
  const handle = await openFile(path, flags);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Not every system lets a directory be opened or flushed; there the rename alone must do. */
function rethrowUnlessUnsupported(error: unknown): void {
  if (!hasCode(error, 'EISDIR', 'EPERM', 'EINVAL')) throw error;
}

/** Removes what processes that died have left half written. */
async function sweep(incoming: string): Promise<void> {
  const names = await readdir(incoming).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  for (const name of names) {
    const path = join(incoming, name);
    try {
      // File times are the machine's, so its clock it is.
      if (Date.now() - (await stat(path)).mtimeMs > ABANDONED_MS) await unlink(path);
    } catch (error) {
      // Another process may finish or sweep the same file.
      if (!isMissing(error)) throw error;
    }
  }
}

function isMissing(error: unknown): boolean {
  return hasCode(error, 'ENOENT');
}

function hasCode(error: unknown, ...codes: readonly unknown[]): boolean {
  return (
    typeof error === 'object' && error !== null && 'code' in error && codes.includes(error.code)
  );
}
