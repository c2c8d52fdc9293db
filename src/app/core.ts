import type { Assets } from '../assets.js';
import type { Clock } from '../clock.js';
import type { Catalog } from '../domain/catalog.js';
import type { Erasure } from '../erasure.js';
import type { Gate } from '../gate.js';
import type { History, Removals } from '../history.js';
import type { Ledger } from '../ledger.js';
import type { Live } from '../live.js';
import type { Log } from '../log.js';
import type { Media } from '../media.js';
import type { Provider } from '../provider.js';
import type { Workspaces } from '../workspaces.js';

/** Everything the use cases stand on. */
export interface Ports {
  gate: Gate;
  ledger: Ledger;
  history: History;
  removals: Removals;
  workspaces: Workspaces;
  erasure: Erasure;
  live: Live;
  assets: Assets;
  media: Media;
  /** By the name actions use in the catalogue. */
  providers: ReadonlyMap<string, Provider>;
  clock: Clock;
  log: Log;
}

export interface Settings {
  catalog: Catalog;
  /** Plan of an account never seen before; null: such an account is refused with NO_SUBSCRIPTION. */
  defaultPlan: string | null;
  /** Whether people may change their own plan. */
  selfServicePlans: boolean;
  /** Time from acceptance to an end state, unless the action says otherwise. */
  deadlineMs: number;
  /** How long a process owns a generation without renewing; a crash is noticed after this. */
  leaseMs: number;
  /** Age at which a take without a ledger row is dropped from the gate. */
  healAfterMs: number;
  /** Generations dispatched at once by this process; the others wait, durably, in the ledger. */
  slots: number;
  /** This process, in leases. Unique per start. */
  owner: string;
}

/** What every use case is made from. */
export interface Core extends Ports, Settings {
  /** An absolute link that opens a file without a token, for about an hour: for providers that fetch their inputs. */
  linkTo(key: string): string;
}
