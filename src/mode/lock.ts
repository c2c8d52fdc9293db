import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { loadSqlite } from '../ledger/sqlite-driver.js';

/**
 * Makes DATA_DIR this process's own; throws when another has it. The lock is SQLite's, on a file of its own: the kernel
 * ends it with the process, however that dies, and other machines' containers on the same disk see it too. (The ledger's
 * own file stays unlocked, so that an audit can read beside a running server.)
 */
export async function lockDataDir(dataDir: string): Promise<{ dispose(): void }> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const Sqlite = await loadSqlite();
  const database = new Sqlite(join(dataDir, 'lock'));
  try {
    // An exclusive transaction that writes nothing holds the file. `exec` leaves no statement open that would
    // hold it beyond `close`.
    database.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (!String(error).includes('locked')) throw error;
    throw new Error(
      `DATA_DIR ${dataDir} belongs to another genquota that is running. Stop that one, or set another DATA_DIR.`,
      { cause: error },
    );
  }
  return {
    dispose() {
      database.close();
    },
  };
}
