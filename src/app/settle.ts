import { GateUnavailable } from '../gate.js';
import type { Settlement, SettleResult } from '../ledger.js';
import type { Generation } from '../domain/generation.js';
import type { Core } from './core.js';
import type { Reckoner } from './reckon.js';
import { discardFiles } from './store.js';

/**
 * The one way a generation ends: the ledger's guarded transition first, then the gate and the screens. Dispatch, cancel,
 * and recovery all come through here; whoever is late learns what stands.
 */
export type Settle = (settlement: Settlement) => Promise<SettleResult>;

export function makeSettle(core: Core, reckoner: Reckoner): Settle {
  const { gate, ledger, live, clock } = core;

  async function settleInGate(generation: Generation): Promise<void> {
    const { account, id: generationId, units, period, createdAt: at } = generation;
    try {
      const answer = await gate.settle(
        { account, generationId, units, period, at },
        generation.charge === 'POSTED' ? 'posted' : 'restored',
      );
      // The gate was replaced while this one was between take and open: it may not count it rightly.
      if (answer === 'missing') reckoner.heal(account);
    } catch (error) {
      if (!(error instanceof GateUnavailable)) throw error;
      await ledger.markStale(account, clock.now());
    }
  }

  return async (settlement) => {
    const result = await ledger.settle(settlement);
    if (result.kind === 'absent') {
      await discardFiles(core, settlement.outputs);
      return result;
    }
    const { generation } = result;
    // A settlement whose reply was lost is sent again and finds its own doing standing. The gate may not know of it yet; it
    // counts nothing twice.
    const ours =
      generation.status === settlement.status &&
      generation.finishedAt === settlement.at &&
      generation.outputs[0]?.key === settlement.outputs[0]?.key;
    if (result.kind === 'standing' && !ours) {
      await discardFiles(core, settlement.outputs);
      return result;
    }
    if (result.kind !== 'written-off' && generation.units > 0) await settleInGate(generation);
    await live.publishGeneration(settlement.account, settlement.id);
    return result;
  };
}
