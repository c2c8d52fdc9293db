import type { Quota } from '../domain/quota.js';
import { GateUnavailable } from '../gate.js';
import type { Core } from './core.js';
import type { Reckoner } from './reckon.js';

/** The account's quota now: one read of the gate; the ledger is asked only when the gate cannot say. */
export type ReadQuota = (account: string) => Promise<Quota>;

export function makeReadQuota(core: Core, reckoner: Reckoner): ReadQuota {
  return async (account) => {
    try {
      const reading = await core.gate.read(account, core.clock.now());
      if (!reading) return await reckoner.seed(account);
      if (reading.healDue) reckoner.heal(account);
      return reading.quota;
    } catch (error) {
      if (!(error instanceof GateUnavailable)) throw error;
      return reckoner.seed(account);
    }
  };
}
