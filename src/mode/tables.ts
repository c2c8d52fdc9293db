import type { Database } from '../ledger/database.js';
import { migrate, pendingMigrations } from '../ledger/migrate.js';
import type { Log } from '../log.js';

/** Brings the ledger's tables up to date or, where that is not wanted, throws when they are not. */
export async function ensureTables(
  database: Database,
  mayMigrate: boolean,
  log: Log,
): Promise<void> {
  if (mayMigrate) {
    const ran = await migrate(database);
    if (ran.length > 0) log.info({ ran }, 'the ledger was migrated');
    return;
  }
  const pending = await pendingMigrations(database);
  if (pending > 0) {
    throw new Error(`The ledger lacks ${pending} migration(s): run "genquota migrate" first.`);
  }
}
