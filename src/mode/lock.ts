import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { loadSqliteDriver } from '../ledger/sqlite-driver.js';

/**
 * Makes DATA_DIR this process's own; throws when another has it. The lock is SQLite's, on a file of its own: the kernel
 * ends it with the process, however that dies, and other machines' containers on the same disk see it too. (The ledger's
 * own file stays unlocked, so that an audit can read beside a running server.)
 */
export async function lockDataDir(dataDir: string): Promise<{ dispose(): void }> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const Driver = await loadSqliteDriver();
  const database = new Driver(join(dataDir, 'lock'), { timeout: 0 });
  try {
    database.pragma('locking_mode = EXCLUSIVE');
    // In this locking mode a write keeps the file locked until it is closed.
    database.pragma('user_version = 1');
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
