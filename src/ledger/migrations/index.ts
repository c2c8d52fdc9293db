import { Ledger1763856000000 } from './1763856000000-ledger.js';
import { History1766448000000 } from './1766448000000-history.js';
import { Workspaces1766534400000 } from './1766534400000-workspaces.js';

/** Every migration, in order. New ones are added at the end; one that was released is never changed. */
export const migrations = [Ledger1763856000000, History1766448000000, Workspaces1766534400000];
