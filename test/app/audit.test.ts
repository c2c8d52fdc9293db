import { audit } from '../../src/app/audit.js';
import type { Balance, LedgerAudit, Violation } from '../../src/audit.js';
import type { Clock } from '../../src/clock.js';
import { revisionOf, type Quota } from '../../src/domain/quota.js';
import { makeMemoryGate } from '../../src/gate/memory.js';
import type { Gate, GateState } from '../../src/gate.js';

const AT = Date.parse('2026-11-01T12:00:00Z');
const HEAL_AFTER_MS = 45_000;
const MONTH_MS = 30 * 86_400_000;

const balance: Balance = {
  account: 'ana',
  epoch: 3,
  stale: false,
  period: { term: 1, index: 5 },
  periodEnd: AT + MONTH_MS,
  used: 4,
  held: 1,
  granted: 2,
  limit: 10,
};

const quota: Quota = {
  plan: 'core',
  limit: 10,
  granted: 2,
  used: 4,
  held: 1,
  period: { term: 1, index: 5 },
  periodStart: AT - 1000,
  periodEnd: AT + MONTH_MS,
  validUntil: AT + MONTH_MS,
  pending: null,
  revision: revisionOf(3),
};

const held = { generationId: 'known', units: 1, at: AT - 3_600_000 };

/** Time stands still but for pauses, which end at once. */
function makeClock(): Clock {
  let now = AT;
  return {
    now: () => now,
    after(delayMs, wake) {
      now += delayMs;
      setImmediate(wake);
      return () => undefined;
    },
  };
}

function makeLedgerAudit(balances: Balance[], violations: Violation[] = []): LedgerAudit {
  return {
    counts: () => Promise.resolve({ accounts: balances.length, generations: 7, entries: 9 }),
    async *violations() {
      yield* await Promise.resolve(violations);
    },
    async *balances() {
      yield* await Promise.resolve(balances);
    },
  };
}

async function gateWith(states: Partial<GateState>[]): Promise<Gate> {
  const gate = makeMemoryGate({ healAfterMs: HEAL_AFTER_MS, publish: () => undefined });
  for (const state of states)
    await gate.put({
      account: 'ana',
      quota,
      holds: [held],
      at: AT,
      requestsMissed: false,
      ...state,
    });
  return gate;
}

async function compare(state: Partial<GateState> | null, balances = [balance]) {
  const gate = await gateWith(state ? [state] : []);
  const ledgerAudit = makeLedgerAudit(balances);
  const options = { gate, clock: makeClock(), graceMs: 60_000, healAfterMs: HEAL_AFTER_MS };
  return audit({ ...options, ledgerAudit });
}

const young = { generationId: 'young', units: 1, at: AT - 10_000 };
const old = { ...young, at: AT - HEAL_AFTER_MS };
const oneMore = { ...quota, used: 5, held: 2 };

describe('audit', () => {
  it('should accept a gate that says what the ledger says', async () => {
    expect(await compare({})).toEqual({
      ok: true,
      ledger: { accounts: 1, generations: 7, entries: 9 },
      gate: { equal: 1, unknown: 0, pending: 0 },
      violations: 0,
      byInvariant: {},
      first: [],
    });
  });

  it.each([
    ['a take on its way into the ledger', 'equal', { quota: oneMore, holds: [held, young] }],
    ['no state at all', 'unknown', null],
    [
      'a state that is no longer valid',
      'unknown',
      { quota: { ...quota, used: 0, validUntil: AT } },
    ],
    [
      'the period before',
      'unknown',
      { quota: { ...quota, used: 0, period: { term: 1, index: 4 } } },
    ],
    ['the term before', 'unknown', { quota: { ...quota, used: 0, period: { term: 0, index: 9 } } }],
  ])('should accept %s', async (_what, count, state) => {
    const report = await compare(state);
    expect(report).toMatchObject({ ok: true, gate: { [count]: 1 } });
  });

  it('should wait for an account that is marked to be healed', async () => {
    const report = await compare({ quota: oneMore }, [{ ...balance, stale: true }]);
    expect(report).toMatchObject({ ok: true, gate: { equal: 0, unknown: 0, pending: 1 } });
  });

  it.each([
    ['a take that never reached the ledger', { quota: oneMore, holds: [held, old] }],
    [
      'more used than any young take explains',
      { quota: { ...oneMore, used: 6 }, holds: [held, young] },
    ],
    ['a unit that is held in the gate alone', { quota: { ...quota, held: 2 } }],
    ['fewer used', { quota: { ...quota, used: 3 } }],
    ['fewer held', { quota: { ...quota, held: 0 } }],
    ['another limit', { quota: { ...quota, limit: 100 } }],
    ['no limit', { quota: { ...quota, limit: null } }],
    ['another grant', { quota: { ...quota, granted: 0 } }],
    ['a period the ledger is not in yet', { quota: { ...quota, period: { term: 1, index: 6 } } }],
    ['an epoch the ledger has not had', { quota: { ...quota, revision: revisionOf(4) } }],
  ])('should find %s in the gate', async (_what, state) => {
    const report = await compare(state);
    expect(report).toMatchObject({ ok: false, violations: 1, byInvariant: { I3: 1 } });
    expect(report.first).toEqual([
      { invariant: 'I3', account: 'ana', subject: 'gate', message: expect.any(String) as string },
    ]);
  });

  it('should look again at what differs, since a settlement may be on its way', async () => {
    const gate = await gateWith([{ quota: { ...quota, used: 3 }, holds: [held] }]);
    let looks = 0;
    const ledgerAudit: LedgerAudit = {
      ...makeLedgerAudit([balance]),
      async *balances() {
        looks += 1;
        yield await Promise.resolve({ ...balance, used: looks === 1 ? 4 : 3 });
      },
    };
    const clock = makeClock();
    const report = await audit({
      ledgerAudit,
      gate,
      clock,
      graceMs: 0,
      healAfterMs: HEAL_AFTER_MS,
    });
    expect(report).toMatchObject({ ok: true, gate: { equal: 1 } });
    expect(looks).toBe(2);
  });

  it('should compare every one of many accounts', async () => {
    const accounts = Array.from({ length: 150 }, (_, i) => `a${i}`);
    const wrong = new Set(['a0', 'a63', 'a64', 'a149']);
    const gate = await gateWith(
      accounts.map((account) => ({
        account,
        quota: wrong.has(account) ? { ...quota, used: 9 } : quota,
      })),
    );
    const ledgerAudit = makeLedgerAudit(accounts.map((account) => ({ ...balance, account })));
    const options = { gate, clock: makeClock(), graceMs: 0, healAfterMs: HEAL_AFTER_MS };
    const report = await audit({ ...options, ledgerAudit });
    expect(report).toMatchObject({ violations: 4, gate: { equal: 146 } });
    expect(new Set(report.first.map(({ account }) => account))).toEqual(wrong);
  });

  it('should count all violations of the ledger and show a hundred', async () => {
    const violation: Violation = { invariant: 'I2', account: 'ana', subject: 'g', message: 'm' };
    const violations = [
      ...Array.from({ length: 120 }, () => violation),
      { ...violation, invariant: 'I1' as const },
    ];
    const ledgerAudit = makeLedgerAudit([balance], violations);
    const options = { clock: makeClock(), graceMs: 0, healAfterMs: HEAL_AFTER_MS };
    const report = await audit({ ...options, ledgerAudit, gate: null });
    expect(report).toMatchObject({
      ok: false,
      gate: null,
      violations: 121,
      byInvariant: { I1: 1, I2: 120 },
    });
    expect(report.first).toHaveLength(100);
  });
});
