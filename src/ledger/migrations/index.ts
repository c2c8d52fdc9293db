import { Ledger1763856000000 } from './1763856000000-ledger.js';

/** Every migration, in order. New ones are added at the end; one that was released is never changed. */
export const migrations = [Ledger1763856000000];
