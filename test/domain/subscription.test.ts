import fc from 'fast-check';
import { periodOf } from '../../src/domain/period.js';
import {
  advance,
  resolve,
  revised,
  type InForce,
  type Subscription,
} from '../../src/domain/subscription.js';
import { catalogWith, shipped } from './catalog.js';

const at = (iso: string) => Date.parse(iso);
const DAY_MS = 86_400_000;

const ada: Subscription = {
  account: 'ada',
  plan: 'core',
  startedAt: at('2026-03-31T10:00:00Z'),
  billingCycle: 'MONTHLY',
  timeZone: 'UTC',
  term: 0,
  periodIndex: 0,
  pending: null,
  revision: 7,
  closedAt: null,
};

function inForce(subscription: Subscription, when: number, catalog = shipped): InForce {
  const answer = resolve(subscription, catalog, when);
  if (answer.kind !== 'in-force') throw new Error(`not in force: ${answer.kind}`);
  return answer;
}

describe('resolve', () => {
  it('should answer the plan’s limit, the period and how long that holds', () => {
    expect(resolve(ada, shipped, at('2026-04-02T00:00:00Z'))).toEqual({
      kind: 'in-force',
      subscription: ada,
      plan: shipped.plans[0],
      period: {
        ref: { term: 0, index: 0 },
        startsAt: at('2026-03-31T10:00:00Z'),
        endsAt: at('2026-04-30T10:00:00Z'),
      },
      limit: 10,
      limitFrom: at('2026-02-25T00:00:00Z'),
      validUntil: at('2026-04-30T10:00:00Z'),
    });
  });

  it('should answer the very same subscription when nothing came due', () => {
    expect(inForce(ada, ada.startedAt + 1).subscription).toBe(ada);
  });

  it('should answer null as the limit of an unlimited plan', () => {
    expect(inForce({ ...ada, plan: 'ultimate' }, ada.startedAt).limit).toBeNull();
  });

  it('should open the next period exactly at the boundary, one revision up', () => {
    const boundary = at('2026-04-30T10:00:00Z');
    expect(inForce(ada, boundary - 1).period.ref.index).toBe(0);
    const next = inForce(ada, boundary);
    expect(next.period.ref).toEqual({ term: 0, index: 1 });
    expect(next.subscription).toEqual({ ...ada, periodIndex: 1, revision: 8 });
    expect(next.period.endsAt).toBe(at('2026-05-31T10:00:00Z'));
  });

  it('should refresh annual plans monthly, too (R8)', () => {
    fc.assert(
      fc.property(fc.nat({ max: 900 * DAY_MS }), (laterMs) => {
        const when = ada.startedAt + laterMs;
        const annual = inForce({ ...ada, billingCycle: 'ANNUAL' }, when);
        expect(annual.period).toEqual(inForce(ada, when).period);
        expect(annual.limit).toBe(10);
      }),
    );
  });

  it('should never go behind the latest opened period, whatever this process’s clock says', () => {
    const ahead = { ...ada, periodIndex: 2 };
    const answer = inForce(ahead, at('2026-04-01T00:00:00Z'));
    expect(answer.subscription).toBe(ahead);
    const { startsAt, endsAt } = periodOf(ada, 2);
    expect(answer.period).toEqual({ ref: { term: 0, index: 2 }, startsAt, endsAt });
    expect(answer.validUntil).toBe(endsAt);
  });

  it('should answer the first period to a clock behind the anchor', () => {
    expect(inForce(ada, ada.startedAt - 1).period.ref.index).toBe(0);
  });

  it('should say that the catalogue does not know the plan', () => {
    expect(resolve({ ...ada, plan: 'gold' }, shipped, ada.startedAt)).toEqual({
      kind: 'unknown-plan',
      plan: 'gold',
    });
  });

  it('should say from when on a plan is in force that is not yet (R1)', () => {
    const january = { ...ada, startedAt: at('2026-01-18T00:00:00Z') };
    const launch = at('2026-02-25T00:00:00Z');
    expect(resolve(january, shipped, launch - 1)).toEqual({
      kind: 'not-effective',
      plan: 'core',
      effectiveFrom: launch,
    });
    // The limit holds at once, also in a period that began before it; the anchor stays 18 January.
    expect(inForce(january, launch)).toMatchObject({
      limit: 10,
      period: { ref: { index: 1 }, endsAt: at('2026-03-18T00:00:00Z') },
    });
  });
});

describe('dated limits (R1)', () => {
  const change = at('2026-04-10T00:00:00Z');
  const catalog = catalogWith((json) => {
    json.plans[0]!.versions.push({ effectiveFrom: '2026-04-10T00:00:00Z', limit: 12 });
  });

  it('should hold only until the plan’s next version, then give its limit within the same period', () => {
    const before = inForce(ada, change - 1, catalog);
    expect(before).toMatchObject({ limit: 10, validUntil: change });
    const after = inForce(ada, change, catalog);
    expect(after).toMatchObject({ limit: 12, limitFrom: change, period: before.period });
    expect(after.validUntil).toBe(after.period.endsAt);
    expect(after.subscription).toBe(ada);
  });

  it('should not be disturbed by another plan’s version', () => {
    const plus = inForce({ ...ada, plan: 'plus' }, change - 1, catalog);
    expect(plus.validUntil).toBe(plus.period.endsAt);
  });
});

describe('a pending plan', () => {
  const reset = at('2026-04-30T10:00:00Z');
  const leaving: Subscription = { ...ada, plan: 'plus', pending: { plan: 'core', at: reset } };

  it('should wait until its time', () => {
    const answer = inForce(leaving, reset - 1);
    expect(answer).toMatchObject({ limit: 100, validUntil: reset });
    expect(answer.subscription).toBe(leaving);
  });

  it('should take over at its time', () => {
    const answer = inForce(leaving, reset);
    expect(answer.limit).toBe(10);
    expect(answer.subscription).toEqual({
      ...leaving,
      plan: 'core',
      pending: null,
      periodIndex: 1,
      revision: 8,
    });
  });

  it('should take over although several resets were slept through', () => {
    const answer = inForce(leaving, at('2026-08-01T00:00:00Z'));
    expect(answer).toMatchObject({ limit: 10, period: { ref: { index: 4 } } });
    expect(answer.subscription).toMatchObject({ plan: 'core', pending: null, revision: 8 });
  });

  it('should bound validity when its time is before the period’s end', () => {
    const early = { ...leaving, pending: { plan: 'core', at: reset - DAY_MS } };
    expect(inForce(early, ada.startedAt).validUntil).toBe(reset - DAY_MS);
    const applied = inForce(early, reset - DAY_MS);
    expect(applied).toMatchObject({ limit: 10, period: { ref: { index: 0 } }, validUntil: reset });
  });

  it('should be reported when the catalogue does not know it', () => {
    const lost = { ...leaving, pending: { plan: 'gold', at: reset } };
    expect(inForce(lost, reset - 1).limit).toBe(100);
    expect(resolve(lost, shipped, reset)).toEqual({ kind: 'unknown-plan', plan: 'gold' });
  });
});

describe('processes that look at different times', () => {
  const subscriptions = fc.record({
    startedAt: fc.integer({ min: at('2026-03-01T00:00:00Z'), max: at('2030-01-01T00:00:00Z') }),
    timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu'),
    leaves: fc.boolean(),
  });
  const make = ({
    startedAt,
    timeZone,
    leaves,
  }: {
    startedAt: number;
    timeZone: string;
    leaves: boolean;
  }) => {
    const subscription: Subscription = { ...ada, plan: 'plus', startedAt, timeZone };
    const { endsAt } = periodOf(subscription, 0);
    return leaves ? { ...subscription, pending: { plan: 'core', at: endsAt } } : subscription;
  };
  const delays = fc.array(fc.nat({ max: 200 * DAY_MS }), { minLength: 1, maxLength: 12 });

  it('should end alike, whether they were awake in between or not', () => {
    fc.assert(
      fc.property(subscriptions, delays, (facts, laterMs) => {
        const subscription = make(facts);
        const times = laterMs.map((ms) => facts.startedAt + ms).sort((a, b) => a - b);
        const last = times.at(-1)!;
        const awake = times.reduce((present, when) => advance(present, when), subscription);
        expect({ ...awake, revision: 0 }).toEqual({ ...advance(subscription, last), revision: 0 });
      }),
    );
  });

  it('should never lower the period or bring back a plan, in whatever order they look', () => {
    fc.assert(
      fc.property(subscriptions, delays, (facts, laterMs) => {
        let present = make(facts);
        for (const ms of laterMs) {
          const next = advance(present, facts.startedAt + ms);
          expect(next.periodIndex).toBeGreaterThanOrEqual(present.periodIndex);
          if (present.pending === null)
            expect(next).toMatchObject({ plan: present.plan, pending: null });
          expect(next.revision).toBe(next === present ? present.revision : present.revision + 1);
          present = next;
        }
      }),
    );
  });

  it('should answer something that holds for a while, in a period that has not ended', () => {
    fc.assert(
      fc.property(subscriptions, fc.nat({ max: 900 * DAY_MS }), (facts, ms) => {
        const when = facts.startedAt + ms;
        const answer = inForce(make(facts), when);
        expect(answer.validUntil).toBeGreaterThan(when);
        expect(answer.validUntil).toBeLessThanOrEqual(answer.period.endsAt);
        const until = inForce(answer.subscription, answer.validUntil - 1);
        expect(until).toEqual(answer);
      }),
    );
  });
});

describe('revised', () => {
  it('should count one revision, whatever number the change came with', () => {
    expect(revised(ada, { ...ada, plan: 'plus', revision: 99 })).toEqual({
      ...ada,
      plan: 'plus',
      revision: 8,
    });
  });

  it('should answer the same object for an equal one', () => {
    const leaving = { ...ada, pending: { plan: 'core', at: 1 } };
    expect(revised(leaving, { ...leaving, pending: { plan: 'core', at: 1 } })).toBe(leaving);
  });
});
