import type { Balance, Invariant, LedgerAudit, Violation } from '../audit.js';
import type { Clock } from '../clock.js';
import { epochOf, type PeriodRef } from '../domain/quota.js';
import type { Gate, GateView } from '../gate.js';

export interface AuditOptions {
  ledgerAudit: LedgerAudit;
  /** Null: out of reach; only the ledger is audited. */
  gate: Gate | null;
  clock: Clock;
  /** How long after its deadline an open generation is not yet a violation. */
  graceMs: number;
  /** Takes younger than this may not have reached the ledger yet. */
  healAfterMs: number;
}

export interface AuditReport {
  ok: boolean;
  ledger: { accounts: number; generations: number; entries: number };
  /** Null: the gate was out of reach. */
  gate: GateCounts | null;
  violations: number;
  byInvariant: Partial<Record<Invariant, number>>;
  /** The first hundred in full. */
  first: Violation[];
}

export interface GateCounts {
  /** Accounts whose gate and ledger say the same. */
  equal: number;
  /** Accounts the gate knows nothing valid of: it reckons them on their next touch. */
  unknown: number;
  /** Accounts known to have missed a change, which some process will heal. */
  pending: number;
}

const SHOWN_VIOLATIONS = 100;
const INSPECTIONS_AT_ONCE = 64;
// Gate and ledger cannot be read in one instant: what moves between the two readings is looked at again. A settlement
// reaches the gate milliseconds after the ledger, so what differs a third time, seconds later, is not on its way.
const LOOKS = 3;
const PAUSE_MS = 1_000;

/** Checks I1 to I5 over a whole ledger and its gate, without changing either. Throws when one cannot be read. */
export async function audit(options: AuditOptions): Promise<AuditReport> {
  const { ledgerAudit, gate, clock, graceMs } = options;
  const report: AuditReport = {
    ok: true,
    ledger: await ledgerAudit.counts(),
    gate: null,
    violations: 0,
    byInvariant: {},
    first: [],
  };
  const add = (violation: Violation) => {
    report.ok = false;
    report.violations += 1;
    const { invariant } = violation;
    report.byInvariant[invariant] = (report.byInvariant[invariant] ?? 0) + 1;
    if (report.first.length < SHOWN_VIOLATIONS) report.first.push(violation);
  };
  for await (const violation of ledgerAudit.violations(clock.now(), graceMs)) add(violation);
  if (gate) {
    const { counts, differences } = await compareGate(options, gate);
    report.gate = counts;
    for (const [account, message] of differences) {
      add({ invariant: 'I3', account, subject: 'gate', message });
    }
  }
  return report;
}

/** Looks at every account, then again at those that differed. */
async function compareGate(
  { ledgerAudit, clock, healAfterMs }: AuditOptions,
  gate: Gate,
): Promise<{ counts: GateCounts; differences: Map<string, string> }> {
  const counts: GateCounts = { equal: 0, unknown: 0, pending: 0 };
  let differences: Map<string, string> | null = null;
  for (let look = 1; look <= LOOKS && differences?.size !== 0; look++) {
    if (look > 1) await pause(clock);
    const found = new Map<string, string>();
    for await (const balances of chunks(ledgerAudit.balances(clock.now()), differences)) {
      const views = await Promise.all(balances.map(({ account }) => gate.inspect(account)));
      balances.forEach((balance, i) => {
        const verdict = compare(balance, views[i] ?? null, clock.now(), healAfterMs);
        if (typeof verdict === 'string') counts[verdict] += 1;
        else found.set(balance.account, verdict.difference);
      });
    }
    differences = found;
  }
  return { counts, differences: differences ?? new Map<string, string>() };
}

function compare(
  balance: Balance,
  view: GateView | null,
  at: number,
  healAfterMs: number,
): keyof GateCounts | { difference: string } {
  if (balance.stale) return 'pending';
  if (!view || at >= view.quota.validUntil) return 'unknown';
  const { quota, holds } = view;
  const order = comparePeriods(quota.period, balance.period);
  if (order < 0) return 'unknown';
  if (order > 0 || epochOf(quota.revision) > balance.epoch) {
    return { difference: 'the gate is ahead of the ledger: was the ledger set back?' };
  }
  const young = holds.filter((hold) => hold.at > at - healAfterMs);
  // Takes on their way into the ledger count in the gate alone: as used and as held.
  const underWay = quota.used - balance.used;
  const explained =
    underWay >= 0 &&
    underWay <= young.reduce((units, hold) => units + hold.units, 0) &&
    underWay === quota.held - balance.held;
  if (explained && quota.limit === balance.limit && quota.granted === balance.granted) {
    return 'equal';
  }
  return { difference: `the gate says ${say(quota)}, the ledger ${say(balance)}` };
}

function say({ used, held, granted, limit }: Pick<Balance, 'used' | 'held' | 'granted' | 'limit'>) {
  return `used ${used} held ${held} granted ${granted} limit ${limit ?? 'none'}`;
}

function comparePeriods(a: PeriodRef, b: PeriodRef): number {
  return a.term - b.term || a.index - b.index;
}

/** Balances in groups of bounded size; only those of `accounts`, when given. */
async function* chunks(
  balances: AsyncIterable<Balance>,
  accounts: ReadonlyMap<string, string> | null,
): AsyncGenerator<Balance[]> {
  let chunk: Balance[] = [];
  for await (const balance of balances) {
    if (accounts && !accounts.has(balance.account)) continue;
    chunk.push(balance);
    if (chunk.length < INSPECTIONS_AT_ONCE) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

function pause(clock: Clock): Promise<void> {
  return new Promise((resolve) => clock.after(PAUSE_MS, resolve));
}
