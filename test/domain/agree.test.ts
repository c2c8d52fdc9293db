import { periodOf } from '../../src/domain/period.js';
import { agree, restart, type Terms } from '../../src/domain/plan-change.js';
import { advance, resolve, type Subscription } from '../../src/domain/subscription.js';
import { AT_ONCE, LATER, NOW, RESET, STARTED, at, on, subscriptionOf } from './ada.js';
import { shipped } from './catalog.js';

describe('restart', () => {
  const terms: Terms = {
    plan: 'plus',
    startedAt: at('2026-01-18T00:00:00Z'),
    billingCycle: 'ANNUAL',
    timeZone: 'Europe/Berlin',
  };

  it('should begin another term, in the period its anchor says, with nothing pending', () => {
    const old = on('core', { periodIndex: 9, pending: { plan: 'core', at: RESET } });
    expect(restart(old, terms, NOW)).toEqual({
      ...old,
      ...terms,
      term: 1,
      periodIndex: 2,
      pending: null,
      revision: 4,
    });
  });
});

describe('agree', () => {
  const terms = (more: Partial<Terms> = {}): Terms => ({
    plan: 'plus',
    startedAt: STARTED,
    billingCycle: 'MONTHLY',
    timeZone: 'UTC',
    ...more,
  });
  const agreed = (present: Subscription, wanted: Terms, when = NOW, options = LATER) =>
    subscriptionOf(agree(present, shipped, wanted, when, options));

  it('should change nothing when nothing differs', () => {
    const present = on('plus');
    expect(agreed(present, terms())).toBe(present);
  });

  it('should be the same said twice', () => {
    for (const wanted of [
      terms({ plan: 'ultimate' }),
      terms({ plan: 'core' }),
      terms({ timeZone: 'Asia/Kathmandu', plan: 'core' }),
      terms({ billingCycle: 'ANNUAL' }),
      terms({ startedAt: at('2026-01-18T00:00:00Z') }),
    ]) {
      const once = agreed(on('plus'), wanted);
      expect(once.revision).toBe(4);
      expect(agreed(once, wanted)).toBe(once);
    }
  });

  it('should lift at once, lower at the reset, and lower at once when told to', () => {
    expect(agreed(on('plus'), terms({ plan: 'ultimate' }))).toEqual(
      on('ultimate', { revision: 4 }),
    );
    expect(agreed(on('plus'), terms({ plan: 'core' }))).toEqual(
      on('plus', { pending: { plan: 'core', at: RESET }, revision: 4 }),
    );
    expect(agreed(on('plus'), terms({ plan: 'core' }), NOW, AT_ONCE)).toEqual(
      on('core', { revision: 4 }),
    );
  });

  it('should begin another term for another anchor, with the plan at once', () => {
    const startedAt = at('2026-04-05T00:00:00Z');
    const next = agreed(on('ultimate'), terms({ plan: 'core', startedAt }));
    expect(next).toEqual(on('core', { startedAt, term: 1, revision: 4 }));
  });

  it('should only remember another billing cycle', () => {
    expect(agreed(on('plus'), terms({ billingCycle: 'ANNUAL' }))).toEqual(
      on('plus', { billingCycle: 'ANNUAL', revision: 4 }),
    );
  });

  it('should refuse a plan that is none, in this term and in another', () => {
    const unknown = { kind: 'unknown-plan', plan: 'gold' };
    expect(agree(on('plus'), shipped, terms({ plan: 'gold' }), NOW, LATER)).toEqual(unknown);
    expect(agree(on('plus'), shipped, terms({ plan: 'gold', startedAt: 1 }), NOW, LATER)).toEqual(
      unknown,
    );
  });

  describe('another time zone with the same anchor', () => {
    it('should stay in the term and period and move only the boundaries to come', () => {
      // 10:00Z is noon in Berlin after 29 March.
      const moved = agreed(on('plus'), terms({ timeZone: 'Europe/Berlin' }));
      expect(moved).toEqual(on('plus', { timeZone: 'Europe/Berlin', revision: 4 }));
      expect(resolve(moved, shipped, NOW)).toMatchObject({
        period: { ref: { term: 0, index: 0 }, startsAt: STARTED, endsAt: RESET },
      });
      // Winter time: the same noon is 11:00Z.
      expect(periodOf(moved, 7).endsAt).toBe(at('2026-11-30T11:00:00Z'));
    });

    it('should move a pending downgrade with the end of its period', () => {
      // 1 March 00:00Z is 19:00 on 28 February in New York, so the period ends on 28 March at 19:00 there.
      const startedAt = at('2026-03-01T00:00:00Z');
      const leaving = on('plus', {
        startedAt,
        pending: { plan: 'core', at: at('2026-04-01T00:00:00Z') },
      });
      const wanted = terms({ plan: 'core', startedAt, timeZone: 'America/New_York' });
      const moved = agreed(leaving, wanted, at('2026-03-10T00:00:00Z'));
      expect(moved.pending).toEqual({ plan: 'core', at: at('2026-03-28T23:00:00Z') });
      expect(moved.pending?.at).toBe(periodOf(moved, 0).endsAt);
    });

    it('should never go back to a period that has ended, nor hand one out twice', () => {
      // 1 March 00:00Z is 28 February in New York: its periods end up to three days before those of UTC.
      const startedAt = at('2026-03-01T00:00:00Z');
      const newYork = terms({ startedAt, timeZone: 'America/New_York' });
      const utc = terms({ startedAt });
      const end = at('2026-03-30T00:00:00Z');
      const first = on('plus', { startedAt });
      expect(advance(first, end).periodIndex).toBe(0);
      const moved = agreed(first, newYork, end);
      expect(moved.periodIndex).toBe(1);
      const back = agreed(moved, utc, end);
      expect(back).toMatchObject({ term: 0, periodIndex: 1 });
      const again = agreed(back, newYork, end);
      expect(again.periodIndex).toBe(1);
      expect(resolve(back, shipped, end)).toMatchObject({
        period: { ref: { index: 1 }, endsAt: at('2026-05-01T00:00:00Z') },
      });
    });

    it('should apply a pending downgrade when the move ends its period', () => {
      const startedAt = at('2026-03-01T00:00:00Z');
      const leaving = on('plus', {
        startedAt,
        pending: { plan: 'core', at: at('2026-04-01T00:00:00Z') },
      });
      const moved = agreed(
        leaving,
        terms({ plan: 'core', startedAt, timeZone: 'America/New_York' }),
        at('2026-03-30T00:00:00Z'),
      );
      expect(moved).toMatchObject({ plan: 'core', pending: null, periodIndex: 1, revision: 4 });
    });
  });
});
