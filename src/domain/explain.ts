import type { Generation, LedgerEntry } from './generation.js';

/** What explaining a charge looks at. */
type Charged = Pick<Generation, 'charge' | 'status' | 'units' | 'failure'>;

/** What a generation cost and why, in one or two sentences for the person. `entries` are its lines in the ledger. */
export function explainCharge(generation: Charged, entries: readonly LedgerEntry[]): string {
  const { charge, units } = generation;
  switch (charge) {
    case 'FREE':
      return 'Free: this does not count.';
    case 'HELD':
      return `${counted(units)} held until it ends. If nothing is delivered, it comes back by itself.`;
    case 'POSTED':
      return `Counted ${units}: ${lineOf(entries, 'POST') ?? 'it was delivered'}.`;
    case 'RESTORED':
      return restored(generation, entries);
  }
}

function restored({ status, units, failure }: Charged, entries: readonly LedgerEntry[]): string {
  const back = `Gave you ${units} back`;
  if (entries.some(({ kind }) => kind === 'WRITE_OFF')) {
    return `${back}: it was late. It arrived after all and is yours, free.`;
  }
  switch (status) {
    case 'BLOCKED':
      return `${back}: blocked by moderation.`;
    case 'CANCELLED':
      return `${back}: cancelled.`;
    case 'EXPIRED':
      return failure?.code === 'TIMED_OUT'
        ? `${back}: it took too long.`
        : `${back}: it was interrupted on our side.`;
    case 'SUCCEEDED':
      // Only an operator restores what was delivered, and says why.
      return `${back}: Support restored it (${lineOf(entries, 'RESTORE') ?? 'no reason kept'}).`;
    default:
      return `${back}: it failed.`;
  }
}

function lineOf(entries: readonly LedgerEntry[], kind: LedgerEntry['kind']): string | undefined {
  return entries.find((entry) => entry.kind === kind)?.reason.replace(/\.$/, '');
}

function counted(units: number): string {
  return `${units} ${units === 1 ? 'generation is' : 'generations are'}`;
}
