import { epochOf, type Quota } from '../domain/quota.js';
import { KEEP_AFTER_PERIOD_MS } from '../gate.js';
import type { Gate, GateState, Hold, SettleAnswer, TakeAnswer, Taking } from '../gate.js';
import { addTake, endTake, entryOf, holdsOf, isDue, isIn, type Entry } from './entry.js';
import { makeRequestMemory, type RequestMemory } from './requests.js';
import { assertUnits } from './units.js';

export interface MemoryGateOptions {
  /** How long after a take the account is healed. */
  healAfterMs: number;
  /** Called within the step that changed the quota. Must not throw. */
  publish: (account: string, quota: Quota) => void;
}

interface Store extends MemoryGateOptions {
  entries: Map<string, Entry>;
  requests: RequestMemory;
}

/** The gate of a single process. Every operation is one synchronous step, so nothing comes between. */
export function makeMemoryGate(options: MemoryGateOptions): Gate {
  const store: Store = { ...options, entries: new Map(), requests: makeRequestMemory() };
  const entryFor = (account: string) => store.entries.get(account);
  return {
    take: (taking) => step(() => take(store, taking)),
    adopt: (hold, epoch) => step(() => adopt(store, hold, epoch)),
    settle: (hold, end) => step(() => settle(store, hold, end)),
    release: (account, generationId, requestKey, standing) =>
      step(() => {
        store.requests.repoint(account, requestKey, generationId, standing);
        release(store, account, generationId);
      }),
    read: (account, at) =>
      step(() => {
        const entry = entryFor(account);
        if (!entry || at >= entry.quota.validUntil) return null;
        return { quota: entry.quota, healDue: isDue(entry, at) };
      }),
    inspect: (account) =>
      step(() => {
        const entry = entryFor(account);
        return entry ? { quota: entry.quota, holds: holdsOf(entry) } : null;
      }),
    put: (state, onlyAtRevision) => step(() => put(store, state, onlyAtRevision)),
    forget: (account) =>
      step(() => {
        store.entries.delete(account);
      }),
    sweep: (_cursor, at) => step(() => ({ due: sweep(store, at), next: null })),
    dispose: () =>
      step(() => {
        store.entries.clear();
      }),
  };
}

/** A fault inside becomes a rejection, as from any other gate. */
function step<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => {
    resolve(work());
  });
}

function take(store: Store, taking: Taking): TakeAnswer {
  const { account, generationId, requestKey, units, at } = taking;
  assertUnits(units);
  const remembered = store.requests.recall(account, requestKey, at);
  if (remembered !== undefined && remembered !== generationId && !taking.ignoreReplay)
    return { kind: 'replayed', generationId: remembered };
  const entry = store.entries.get(account);
  if (entry?.takes.has(generationId))
    return { kind: 'taken', quota: entry.quota, healDue: isDue(entry, at) };
  if (!entry || at >= entry.quota.validUntil) return { kind: 'unknown' };
  const { limit, granted, used } = entry.quota;
  if (limit !== null && limit + granted - used < units)
    return { kind: 'refused', quota: entry.quota, healDue: isDue(entry, at), since: entry.since };
  store.requests.remember(account, requestKey, generationId, at);
  addTake(entry, taking, store.healAfterMs);
  store.publish(account, entry.quota);
  return { kind: 'taken', quota: entry.quota, healDue: isDue(entry, at) };
}

function adopt(store: Store, hold: Hold, epoch: number): boolean {
  assertUnits(hold.units);
  const entry = store.entries.get(hold.account);
  if (!entry || epochOf(entry.quota.revision) < epoch) return false;
  if (!isIn(entry, hold.period) || entry.takes.has(hold.generationId)) return true;
  addTake(entry, hold, store.healAfterMs);
  store.publish(hold.account, entry.quota);
  return true;
}

function settle(store: Store, hold: Hold, end: 'posted' | 'restored'): SettleAnswer {
  const entry = store.entries.get(hold.account);
  if (!entry || !isIn(entry, hold.period)) return 'elsewhere';
  if (!endTake(entry, hold.generationId, end)) return 'missing';
  store.publish(hold.account, entry.quota);
  return 'settled';
}

function release(store: Store, account: string, generationId: string): void {
  const entry = store.entries.get(account);
  if (entry && endTake(entry, generationId, 'restored')) store.publish(account, entry.quota);
}

function put(store: Store, state: GateState, onlyAtRevision: number | undefined): boolean {
  const known = store.entries.get(state.account);
  if (known) {
    const { revision } = known.quota;
    if (epochOf(state.quota.revision) <= epochOf(revision)) return false;
    if (onlyAtRevision !== undefined && onlyAtRevision !== revision) return false;
  }
  const since = state.requestsMissed ? state.at : (known?.since ?? state.at);
  store.entries.set(state.account, entryOf(state, since, store.healAfterMs));
  store.publish(state.account, state.quota);
  return true;
}

/** One step over everything: what one process's memory holds is looked through in milliseconds. */
function sweep({ entries, requests }: Store, at: number): string[] {
  requests.forget(at);
  const due: string[] = [];
  for (const [account, entry] of entries) {
    const over = at >= entry.quota.periodEnd + KEEP_AFTER_PERIOD_MS;
    if (over && entry.takes.size === 0) entries.delete(account);
    else if (isDue(entry, at)) due.push(account);
  }
  return due;
}
