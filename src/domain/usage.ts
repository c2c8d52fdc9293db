import { Temporal } from 'temporal-polyfill';
import type { ChargeStatus } from './generation.js';

const QUARTER_MS = 15 * 60 * 1000;

/** Generations of one action within one quarter of an hour (every zone's midnight ends one), by what became of their units. */
export interface QuarterCount {
  /** Quarters of an hour since the epoch. */
  quarter: number;
  action: string;
  charge: ChargeStatus;
  generations: number;
  units: number;
}

/** One day, on the wall clock of the subscription's zone. */
export interface DayUsage {
  /** As 2026-11-23. */
  date: string;
  actions: ActionUsage[];
}

export interface ActionUsage {
  action: string;
  /** Pressed and accepted, whatever became of them. */
  generations: number;
  /** Units that count: held or posted. */
  units: number;
  /** Units given back. */
  restored: number;
}

/** Counts by day and action, the latest day first, actions by their id. Days without any are left out. */
export function usageByDay(counts: readonly QuarterCount[], timeZone: string): DayUsage[] {
  const days = new Map<string, Map<string, ActionUsage>>();
  for (const { quarter, action, charge, generations, units } of counts) {
    const date = dateOf(quarter, timeZone);
    const actions = days.get(date) ?? new Map<string, ActionUsage>();
    days.set(date, actions);
    const usage = actions.get(action) ?? { action, generations: 0, units: 0, restored: 0 };
    actions.set(action, usage);
    usage.generations += generations;
    usage[charge === 'RESTORED' ? 'restored' : 'units'] += units;
  }
  return [...days]
    .sort(([a], [b]) => (a < b ? 1 : -1))
    .map(([date, actions]) => ({
      date,
      actions: [...actions.values()].sort((a, b) => (a.action < b.action ? -1 : 1)),
    }));
}

function dateOf(quarter: number, timeZone: string): string {
  return Temporal.Instant.fromEpochMilliseconds(quarter * QUARTER_MS)
    .toZonedDateTimeISO(timeZone)
    .toPlainDate()
    .toString();
}
