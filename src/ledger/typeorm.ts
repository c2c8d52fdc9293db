import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.js';
import type { Ledger } from '../ledger.js';
import { makeAccounts } from './accounts.js';
import type { Database } from './database.js';
import { makeGenerations } from './generations.js';
import { makeRecovery } from './recovery.js';
import { text } from './rows.js';

const KEY_BYTES = 32;
// Readiness is asked every few seconds: an answer that comes later is none.
const PING_MS = 2_000;

/** The ledger over a migrated database, which it owns from now on. */
export function makeLedger(database: Database, clock: Clock): Ledger {
  async function storedKey(name: string): Promise<Uint8Array | null> {
    const [row] = await database.read((sql) =>
      sql.rows('SELECT secret FROM shared_keys WHERE name = ?', [name]),
    );
    return row ? Buffer.from(text(row, 'secret'), 'hex') : null;
  }

  return {
    ...makeAccounts(database),
    ...makeGenerations(database),
    ...makeRecovery(database),

    async sharedKey(name) {
      const stored = await storedKey(name);
      if (stored) return stored;
      const secret = randomBytes(KEY_BYTES).toString('hex');
      // Several gateways may start at once: whoever inserts first made the key of all.
      await database.read((sql) =>
        sql.insert('shared_keys', [{ name, secret, created_at: clock.now() }]),
      );
      const standing = await storedKey(name);
      if (!standing) throw new Error('The shared key vanished after it was inserted.');
      return standing;
    },

    async ping() {
      await database.read((sql) => sql.rows('SELECT 1 AS one'), PING_MS);
    },

    dispose: () => database.dispose(),
  };
}
