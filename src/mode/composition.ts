import type { Core } from '../app/core.js';
import type { LedgerAudit } from '../audit.js';
import type { Gate } from '../gate.js';

/** All that the use cases stand on but where people reach them. */
export type Composed = Omit<Core, 'linkTo'>;

/** What `serve` runs on: the ports of one mode, and the deployment's settings. */
export interface Composition {
  core: Composed;
  /** Signs links; shared by all gateways of one ledger. */
  linksKey: Uint8Array;
  /** The account whose token is printed at start, to try things with; null: tokens are the operators' business. */
  demoAccount: string | null;
  /** Resolves when requests can be answered. The gate may be away: admission goes on without it. */
  ready(): Promise<void>;
  dispose(): Promise<void>;
}

/** What `audit` reads. */
export interface Books {
  ledgerAudit: LedgerAudit;
  /** Null: it lives inside the server's process, out of reach. */
  gate: Gate | null;
  dispose(): Promise<void>;
}
