import type { Clock } from './clock.js';
import type { Env, Stores } from './env.js';
import type { Log } from './log.js';
import type { Books, Composition } from './mode/composition.js';
import { makeEmbedded, migrateEmbedded, openEmbeddedBooks } from './mode/embedded.js';
import { makeService, migrateService, openServiceBooks } from './mode/service.js';

/** The one place that asks which mode this is, once the environment has decided it. Throws, with nothing left open, when something is missing. */
export function compose(env: Env, log: Log, clock: Clock): Promise<Composition> {
  return env.mode === 'embedded' ? makeEmbedded(env, log, clock) : makeService(env, log, clock);
}

/** Opens what `audit` reads. */
export function openBooks(stores: Stores, log: Log): Promise<Books> {
  return stores.mode === 'embedded'
    ? openEmbeddedBooks(stores, log)
    : openServiceBooks(stores, log);
}

/** Brings the ledger's tables up to date; answers the names of the migrations that ran. */
export function migrateLedger(stores: Stores, log: Log): Promise<string[]> {
  return stores.mode === 'embedded' ? migrateEmbedded(stores, log) : migrateService(stores, log);
}
