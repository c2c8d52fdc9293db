import type { PeriodRef, Quota } from '../domain/quota.js';
import type { GateState, Taking } from '../gate.js';

/** What the gate in memory knows of one account: the counterpart of the hash that `scripts.ts` describes. */
export interface Entry {
  /** Replaced, never changed in place: what was answered or published stays as it was. */
  quota: Quota;
  takes: Map<string, { units: number; at: number }>;
  healAt: number | null;
  since: number;
}

export function entryOf(
  { quota, holds, at }: GateState,
  since: number,
  healAfterMs: number,
): Entry {
  return {
    quota,
    takes: new Map(holds.map(({ generationId, units, at }) => [generationId, { units, at }])),
    healAt: holds.length > 0 ? at + healAfterMs : null,
    since,
  };
}

export function addTake(
  entry: Entry,
  { generationId, units, at }: Pick<Taking, 'generationId' | 'units' | 'at'>,
  healAfterMs: number,
): void {
  entry.takes.set(generationId, { units, at });
  entry.healAt ??= at + healAfterMs;
  const { used, held } = entry.quota;
  change(entry, { used: used + units, held: held + units });
}

/** False when there is no such take; nothing has changed then. */
export function endTake(entry: Entry, generationId: string, end: 'posted' | 'restored'): boolean {
  const take = entry.takes.get(generationId);
  if (!take) return false;
  entry.takes.delete(generationId);
  const { used, held } = entry.quota;
  change(entry, {
    used: end === 'restored' ? used - take.units : used,
    held: held - take.units,
  });
  return true;
}

export function isIn({ quota }: Entry, period: PeriodRef): boolean {
  return quota.period.term === period.term && quota.period.index === period.index;
}

export function isDue({ healAt }: Entry, at: number): boolean {
  return healAt !== null && at >= healAt;
}

export function holdsOf(entry: Entry): GateState['holds'] {
  return Array.from(entry.takes, ([generationId, take]) => ({ generationId, ...take }));
}

function change(entry: Entry, by: Pick<Quota, 'used' | 'held'>): void {
  entry.quota = { ...entry.quota, ...by, revision: entry.quota.revision + 1 };
}
