import type { Generation } from '../domain/generation.js';
import type { DueGeneration, LeaseRef, Settlement } from '../ledger.js';
import type { Provider } from '../provider.js';
import type { Core } from './core.js';
import { ending, PROCESS_LOST, settlementOf, TIMED_OUT } from './deliver.js';
import type { Dispatcher } from './dispatch.js';
import type { Settle } from './settle.js';

const PER_ROUND = 100;
// After an outage of the ledger, and at the start, everybody's leases have lapsed: their owners get this long to renew.
const TRUST_AFTER_MS = 10_000;
// A running process ends its own at the deadline. One that has not by then hangs, whatever it says of its lease.
const OVERDUE_AFTER_MS = 30_000;
// Asking a provider what became of a job, and storing that, takes no longer: one slow answer must not hold up the others.
const LOOKUP_MS = 10_000;

/** Ends generations whose process was lost. Only a lease that ran out while the ledger could be reached says so. */
export function makeEndLost(
  core: Core,
  settle: Settle,
  dispatcher: Pick<Dispatcher, 'runs'>,
): () => Promise<void> {
  const { ledger, clock } = core;
  const patienceMs = Math.min(core.leaseMs, TRUST_AFTER_MS);
  let trustFrom = clock.now() + patienceMs;

  return async () => {
    try {
      const lost = await ledger.due('RUNNING', clock.now(), PER_ROUND, []);
      if (clock.now() < trustFrom) return;
      await Promise.all(
        lost.filter(({ id }) => !dispatcher.runs(id)).map((due) => endOne(core, settle, due)),
      );
    } catch (error) {
      trustFrom = clock.now() + patienceMs;
      throw error;
    }
  };
}

/** Ends what is past its deadline although nobody's lease ran out: those that wait, and those whose process hangs. */
export async function endOverdue(core: Core, settle: Settle): Promise<void> {
  const at = core.clock.now();
  const overdue = [
    ...(await core.ledger.overdue('QUEUED', at, PER_ROUND)),
    ...(await core.ledger.overdue('RUNNING', at - OVERDUE_AFTER_MS, PER_ROUND)),
  ];
  await Promise.all(
    overdue.map((ref: LeaseRef) => settle(ending(core, ref, 'EXPIRED', TIMED_OUT))),
  );
}

/** The provider is asked first where it can tell; otherwise the unit goes back. */
async function endOne(core: Core, settle: Settle, due: DueGeneration): Promise<void> {
  const { ledger, clock, owner, leaseMs } = core;
  // Claimed before anything is decided: a lease renewed in this very moment wins.
  const claimed = await ledger.claim(due, owner, clock.now() + leaseMs);
  if (!claimed) return;
  const inTime = claimed.deadlineAt > clock.now();
  const found = inTime ? await lookUp(core, claimed) : null;
  // It still runs there: when the new lease runs out, the provider is asked again.
  if (found === 'running') return;
  await settle(found ?? ending(core, claimed, 'EXPIRED', inTime ? PROCESS_LOST : TIMED_OUT));
}

async function lookUp(core: Core, generation: Generation): Promise<Settlement | 'running' | null> {
  const provider = core.providers.get(generation.provider);
  if (!provider?.lookup) return null;
  const controller = new AbortController();
  let cancel = (): void => undefined;
  const late = new Promise<'running'>((resolve) => {
    cancel = core.clock.after(LOOKUP_MS, () => {
      controller.abort();
      resolve('running');
    });
  });
  return Promise.race([ask(provider.lookup.bind(provider)), late]).finally(cancel);

  async function ask(lookup: NonNullable<Provider['lookup']>) {
    const answer = await lookup(generation, controller.signal);
    if (answer.kind === 'running') return 'running';
    return answer.kind === 'unknown' ? null : settlementOf(core, generation, answer);
  }
}
