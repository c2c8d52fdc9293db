import { revisionOf, type Quota } from '../../src/domain/quota.js';
import type { Gate, GateState, Hold, Taking } from '../../src/gate.js';
import type { Live } from '../../src/live.js';

export const HEAL_AFTER_MS = 45_000;
export const DAY_MS = 24 * 60 * 60 * 1000;
export const T0 = Date.parse('2026-03-18T09:00:00Z');

/** A gate under test, and the live updates it publishes to. */
export interface GateUnderTest {
  gate: Gate;
  live: Live;
}

let serial = 0;

/** An account nobody else has used, also not on a shared server. */
export function newAccount(): string {
  return `account-${process.pid}-${Date.now()}-${serial++}`;
}

export function stateOf(account: string, changes: Partial<Quota> = {}): GateState {
  return {
    account,
    at: T0,
    holds: [],
    requestsMissed: false,
    quota: {
      plan: 'core',
      limit: 10,
      granted: 0,
      used: 0,
      held: 0,
      period: { term: 0, index: 3 },
      periodStart: T0,
      periodEnd: T0 + 31 * DAY_MS,
      validUntil: T0 + 31 * DAY_MS,
      pending: null,
      revision: revisionOf(1),
      ...changes,
    },
  };
}

export function takingOf(account: string, changes: Partial<Taking> = {}): Taking {
  const generationId = changes.generationId ?? `generation-${serial++}`;
  return {
    ...{ account, generationId, requestKey: `request-of-${generationId}`, units: 1, at: T0 + 1000 },
    ...changes,
  };
}

export function holdOf(taking: Taking, changes: Partial<Hold> = {}): Hold {
  const { account, generationId, units, at } = taking;
  return { account, generationId, units, at, period: { term: 0, index: 3 }, ...changes };
}

/** A new account with this much left. */
export async function seeded(gate: Gate, changes: Partial<Quota> = {}): Promise<string> {
  const account = newAccount();
  expect(await gate.put(stateOf(account, changes))).toBe(true);
  return account;
}

/** A new account of which one unit was taken. */
export async function withOneTaken(
  gate: Gate,
  changes: Partial<Quota> = {},
): Promise<{ account: string; taking: Taking }> {
  const account = await seeded(gate, changes);
  const taking = takingOf(account);
  expect((await gate.take(taking)).kind).toBe('taken');
  return { account, taking };
}

export async function quotaOf(gate: Gate, account: string): Promise<Quota> {
  const view = await gate.inspect(account);
  if (!view) throw new Error(`nothing known of ${account}`);
  return view.quota;
}
