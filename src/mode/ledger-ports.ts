import type { Clock } from '../clock.js';
import type { Ports } from '../app/core.js';
import type { Database } from '../ledger/database.js';
import { makeErasure } from '../ledger/erasure.js';
import { makeHistory } from '../ledger/history.js';
import { makeRemovals } from '../ledger/removals.js';
import { makeLedger } from '../ledger/typeorm.js';
import { makeWorkspaces } from '../ledger/workspaces.js';

/** Everything that is kept in the ledger's database. Disposing of `ledger` closes it for all. */
export function makeLedgerPorts(
  database: Database,
  clock: Clock,
): Pick<Ports, 'ledger' | 'history' | 'removals' | 'workspaces' | 'erasure'> {
  return {
    ledger: makeLedger(database, clock),
    history: makeHistory(database),
    removals: makeRemovals(database),
    workspaces: makeWorkspaces(database),
    erasure: makeErasure(database),
  };
}
