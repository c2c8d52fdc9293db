import {
  constants,
  copyFile,
  link,
  mkdir,
  open as openFile,
  rename,
  rm,
  rmdir,
} from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Disk } from 'flydrive';
import { FSDriver } from 'flydrive/drivers/fs';
import type { Assets } from '../assets.js';
import { hasCode, isMissing } from './faults.js';
import { checkedKey } from './keys.js';
import { makeSpool } from './spool.js';

const INCOMING = 'incoming';
// Another process may remove a directory that has just become empty between our making it and moving a file in.
const MOVE_ATTEMPTS = 5;

/**
 * Keeps files under `directory`, which is created with the first one. A file appears whole or not at all, and is on
 * the disk when `put` or `copy` resolves. Several processes may share the directory. Throws on a malformed key.
 */
export function makeDiskAssets(directory: string): Assets {
  const root = resolve(directory);
  const disk = new Disk(new FSDriver({ location: root, visibility: 'private' }));
  // In the same file system, so that a received file is put without another copy of its bytes.
  const spool = makeSpool({ dir: join(root, INCOMING), prefix: '', mode: 0o666 });
  const pathOf = (key: string): string => join(root, checkedKey(key));

  /** Makes what lies at `from` the file at `to`, too. */
  async function place(from: string, to: string): Promise<void> {
    const part = await spool.reserve();
    try {
      await linkOrCopy(from, part);
      await flush(part, 'r+');
      await moveTo(part, to);
    } finally {
      // Still there when something failed, or when it was the same file already: then a rename does nothing.
      await rm(part, { force: true }).catch(() => undefined);
    }
  }

  return {
    receive: (content, limits) => spool.receive(content, limits),
    async put(key, received) {
      await place(received.path, pathOf(key));
    },
    async open(key, range) {
      // flydrive tells neither the size of what it opens, nor opens a part of it.
      const handle = await openFile(pathOf(key), 'r').catch(nullIfMissing);
      if (!handle) return null;
      try {
        const { size } = await handle.stat();
        return { stream: handle.createReadStream(range), bytes: size };
      } catch (error) {
        await handle.close();
        throw error;
      }
    },
    async size(key) {
      const facts = await disk.getMetaData(checkedKey(key)).catch(nullIfMissing);
      return facts?.contentLength ?? null;
    },
    async copy(from, to) {
      const [source, target] = [pathOf(from), pathOf(to)];
      try {
        await place(source, target);
        return true;
      } catch (error) {
        if (isMissing(error) && !(await disk.exists(from))) return false;
        throw error;
      }
    },
    async remove(key) {
      const above = dirname(pathOf(key));
      await disk.delete(key);
      await flush(above, 'r').catch(rethrowUnlessUnsupported);
      await prune(above, root);
    },
  };
}

function nullIfMissing(error: unknown): null {
  if (isMissing(error)) return null;
  throw error;
}

/** Files never change in place here, so two names may share one; where the file system cannot do that, bytes are copied. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (isMissing(error)) throw error;
    await copyFile(from, to, constants.COPYFILE_FICLONE);
  }
}

async function moveTo(part: string, target: string): Promise<void> {
  const directory = dirname(target);
  for (let attempt = 1; ; attempt += 1) {
    try {
      await makeDirectory(directory);
      await rename(part, target);
      await flush(directory, 'r').catch(rethrowUnlessUnsupported);
      return;
    } catch (error) {
      if (!isMissing(error) || attempt === MOVE_ATTEMPTS) throw error;
    }
  }
}

/** New directories are entries of those above them, which a power cut must not take away either. */
async function makeDirectory(directory: string): Promise<void> {
  const first = await mkdir(directory, { recursive: true });
  if (first === undefined) return;
  for (let made = directory; made.length >= first.length; made = dirname(made)) {
    await flush(dirname(made), 'r').catch(rethrowUnlessUnsupported);
  }
}

/** Removes a directory and those above it up to `root`, as far as they are empty. */
async function prune(directory: string, root: string): Promise<void> {
  for (let empty = directory; empty !== root; empty = dirname(empty)) {
    try {
      await rmdir(empty);
    } catch {
      // Not empty, most likely; an empty one that stays harms nobody.
      return;
    }
  }
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

/** Not every system lets a directory be opened or flushed, and it may be gone again; then the change alone must do. */
function rethrowUnlessUnsupported(error: unknown): void {
  if (!isMissing(error) && !hasCode(error, 'EISDIR', 'EPERM', 'EACCES', 'EINVAL')) throw error;
}
