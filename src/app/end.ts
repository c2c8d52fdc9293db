import { Fault } from '../domain/fault.js';
import { isOpen, type Generation } from '../domain/generation.js';
import type { Core } from './core.js';
import { CANCELLED, ending } from './deliver.js';
import type { Dispatcher } from './dispatch.js';
import type { Reckoner } from './reckon.js';
import type { Settle } from './settle.js';

/** Ends an open generation for its owner; an ended one is answered as it is. */
export async function cancel(
  core: Core,
  parts: { settle: Settle; dispatcher: Dispatcher },
  account: string,
  id: string,
): Promise<Generation> {
  // Whichever attempt is under way.
  const settlement = ending(core, { account, id, attempt: null }, 'CANCELLED', CANCELLED);
  const result = await parts.settle({ ...settlement, actor: account });
  if (result.kind === 'absent' || result.generation.deletedAt !== null) throw noSuchGeneration(id);
  parts.dispatcher.abort(id);
  return result.generation;
}

/** Support gives a delivered generation's unit back, to the period it was taken from (R7). */
export async function restore(
  core: Core,
  reckoner: Reckoner,
  operator: string,
  id: string,
  reason: string,
): Promise<Generation> {
  const found = await core.ledger.locate(id);
  if (!found) throw noSuchGeneration(id);
  if (found.charge === 'FREE') {
    throw new Fault(
      'BAD_USER_INPUT',
      'This generation cost nothing, so there is nothing to restore.',
    );
  }
  if (isOpen(found)) {
    throw new Fault(
      'BAD_USER_INPUT',
      'This generation is still under way. If it delivers nothing it is restored by itself; cancel it to end it now.',
    );
  }
  const { account } = found;
  const restored = await core.ledger.restorePosted({
    account,
    id,
    reason,
    actor: operator,
    at: core.clock.now(),
  });
  if (!restored) return (await core.ledger.find(account, id)) ?? found;
  reckoner.heal(account);
  await core.live.publishGeneration(account, id);
  return restored;
}

/** NOT_FOUND: another account's generation answers exactly as one that does not exist. */
export function noSuchGeneration(id: string): Fault {
  return new Fault('NOT_FOUND', `There is no generation ${id}. Look it up in generations.`);
}
