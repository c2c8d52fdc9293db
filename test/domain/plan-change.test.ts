import { changePlan, previewChange } from '../../src/domain/plan-change.js';
import { resolve } from '../../src/domain/subscription.js';
import { AT_ONCE, LATER, NOW, RESET, at, on, subscriptionOf } from './ada.js';
import { catalogWith, shipped } from './catalog.js';

const LAUNCH = at('2026-02-25T00:00:00Z');

describe('changePlan', () => {
  it.each([
    ['core', 'plus'],
    ['core', 'ultimate'],
    ['plus', 'ultimate'],
  ])('should lift %s to %s at once, anchor and period unchanged (R10)', (from, to) => {
    expect(subscriptionOf(changePlan(on(from), shipped, to, NOW, LATER))).toEqual(
      on(to, { revision: 4 }),
    );
  });

  it.each([
    ['plus', 'core'],
    ['ultimate', 'core'],
    ['ultimate', 'plus'],
  ])('should lower %s to %s at the next reset', (from, to) => {
    expect(subscriptionOf(changePlan(on(from), shipped, to, NOW, LATER))).toEqual(
      on(from, { pending: { plan: to, at: RESET }, revision: 4 }),
    );
  });

  it.each([
    ['plus', 'core'],
    ['ultimate', 'plus'],
  ])('should lower %s to %s at once when told to', (from, to) => {
    expect(subscriptionOf(changePlan(on(from), shipped, to, NOW, AT_ONCE))).toEqual(
      on(to, { revision: 4 }),
    );
  });

  it.each(['core', 'plus', 'ultimate'])('should leave %s as it is when it is wanted', (plan) => {
    const present = on(plan);
    expect(subscriptionOf(changePlan(present, shipped, plan, NOW, LATER))).toBe(present);
    expect(subscriptionOf(changePlan(present, shipped, plan, NOW, AT_ONCE))).toBe(present);
  });

  it('should change to a plan of the same limit at once', () => {
    const catalog = catalogWith((json) => {
      json.plans.push({ ...json.plans[0]!, id: 'basic' });
    });
    expect(subscriptionOf(changePlan(on('core'), catalog, 'basic', NOW, LATER)).plan).toBe('basic');
  });

  describe('with a downgrade pending', () => {
    const leaving = on('ultimate', { pending: { plan: 'core', at: RESET } });

    it('should call it off when the present plan is wanted', () => {
      expect(subscriptionOf(changePlan(leaving, shipped, 'ultimate', NOW, LATER))).toEqual(
        on('ultimate', { revision: 4 }),
      );
    });

    it('should leave it alone when it is ordered again', () => {
      expect(subscriptionOf(changePlan(leaving, shipped, 'core', NOW, LATER))).toBe(leaving);
    });

    it('should replace it by another downgrade', () => {
      const changed = subscriptionOf(changePlan(leaving, shipped, 'plus', NOW, LATER));
      expect(changed.pending).toEqual({ plan: 'plus', at: RESET });
    });

    it('should forget it at an upgrade', () => {
      const plus = on('plus', { pending: { plan: 'core', at: RESET } });
      expect(subscriptionOf(changePlan(plus, shipped, 'ultimate', NOW, LATER))).toEqual(
        on('ultimate', { revision: 4 }),
      );
    });

    it('should judge by the plan that has taken over when its time has come', () => {
      const changed = subscriptionOf(changePlan(leaving, shipped, 'plus', RESET, LATER));
      expect(changed).toEqual(on('plus', { periodIndex: 1, revision: 4 }));
    });
  });

  it('should wait for the end of the present period, not of the one last looked at', () => {
    const changed = subscriptionOf(changePlan(on('plus'), shipped, 'core', RESET, LATER));
    expect(changed).toMatchObject({
      periodIndex: 1,
      pending: { at: at('2026-05-31T10:00:00Z') },
    });
  });

  it('should compare the limits in force, not those of another time', () => {
    const catalog = catalogWith((json) => {
      json.plans[1]!.versions.push({ effectiveFrom: '2026-04-12T00:00:00Z', limit: 5 });
    });
    const before = subscriptionOf(changePlan(on('core'), catalog, 'plus', NOW - 1, LATER));
    expect(before).toMatchObject({ plan: 'plus', pending: null });
    const after = subscriptionOf(changePlan(on('core'), catalog, 'plus', NOW, LATER));
    expect(after).toMatchObject({ plan: 'core', pending: { plan: 'plus' } });
  });

  it('should leave a plan at once that the catalogue no longer knows', () => {
    expect(subscriptionOf(changePlan(on('gold'), shipped, 'core', NOW, LATER)).plan).toBe('core');
  });

  it('should say why a plan cannot be had', () => {
    expect(changePlan(on('core'), shipped, 'gold', NOW, LATER)).toEqual({
      kind: 'unknown-plan',
      plan: 'gold',
    });
    expect(changePlan(on('core'), shipped, 'plus', LAUNCH - 1, AT_ONCE)).toEqual({
      kind: 'not-effective',
      plan: 'plus',
      effectiveFrom: LAUNCH,
    });
  });
});

describe('previewChange', () => {
  const preview = (from: string, to: string, used: number, granted = 0) =>
    previewChange(on(from), shipped, used, granted, to, NOW);

  it.each([
    ['core', 'plus', 10, 0, 90],
    ['core', 'plus', 10, 5, 95],
    ['core', 'plus', 0, 0, 100],
    ['core', 'plus', 250, 0, 0],
    ['core', 'ultimate', 10, 0, null],
    ['core', 'core', 4, 1, 7],
  ])(
    'should show %s → %s with %d used and %d granted: %p left, now',
    (from, to, used, granted, remaining) => {
      expect(preview(from, to, used, granted)).toMatchObject({
        kind: 'preview',
        plan: { id: to },
        remaining,
        effectiveAt: NOW,
        resetsAt: RESET,
      });
    },
  );

  it.each([
    ['plus', 'core', 80, 0, 10],
    ['ultimate', 'plus', 500, 20, 100],
  ])(
    'should show %s → %s with %d used and %d granted: the full %d, from the reset on',
    (from, to, used, granted, remaining) => {
      expect(preview(from, to, used, granted)).toMatchObject({
        plan: { id: to },
        limit: remaining,
        remaining,
        effectiveAt: RESET,
        resetsAt: at('2026-05-31T10:00:00Z'),
      });
    },
  );

  it('should show the limit that will be in force when the plan takes over', () => {
    const catalog = catalogWith((json) => {
      json.plans[0]!.versions.push({ effectiveFrom: '2026-04-20T00:00:00Z', limit: 12 });
    });
    expect(previewChange(on('plus'), catalog, 80, 0, 'core', NOW)).toMatchObject({
      limit: 12,
      limitFrom: at('2026-04-20T00:00:00Z'),
      remaining: 12,
    });
  });

  it('should promise what changePlan then does', () => {
    for (const from of shipped.plans) {
      for (const to of shipped.plans) {
        const promised = preview(from.id, to.id, 3, 2);
        if (promised.kind !== 'preview') throw new Error(promised.kind);
        const changed = subscriptionOf(changePlan(on(from.id), shipped, to.id, NOW, LATER));
        expect(resolve(changed, shipped, promised.effectiveAt)).toMatchObject({
          plan: promised.plan,
          limit: promised.limit,
          period: { endsAt: promised.resetsAt },
        });
      }
    }
  });

  it('should say why a plan cannot be had', () => {
    expect(previewChange(on('core'), shipped, 0, 0, 'gold', NOW)).toEqual({
      kind: 'unknown-plan',
      plan: 'gold',
    });
  });
});
