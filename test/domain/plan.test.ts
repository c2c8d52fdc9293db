import { isDowngrade, nextVersionAt, planAt, versionAt } from '../../src/domain/plan.js';
import { catalogWith, shipped } from './catalog.js';

const LAUNCH = Date.parse('2026-02-25T00:00:00Z');

describe('plans', () => {
  const plan = catalogWith((json) => {
    json.plans[0]!.versions.push({ effectiveFrom: '2026-09-01T00:00:00Z', limit: 12 });
  }).plans[0]!;
  const next = Date.parse('2026-09-01T00:00:00Z');

  it('should have the version whose date has come, to the millisecond', () => {
    expect(versionAt(plan, LAUNCH - 1)).toBeUndefined();
    expect(versionAt(plan, LAUNCH)?.limit).toBe(10);
    expect(versionAt(plan, next - 1)?.limit).toBe(10);
    expect(versionAt(plan, next)?.limit).toBe(12);
  });

  it('should know when they change next', () => {
    expect(nextVersionAt(plan, LAUNCH - 1)).toBe(LAUNCH);
    expect(nextVersionAt(plan, LAUNCH)).toBe(next);
    expect(nextVersionAt(plan, next)).toBe(Infinity);
  });

  it('should be found with their version', () => {
    expect(planAt(shipped, 'plus', LAUNCH)).toEqual({
      kind: 'effective',
      plan: shipped.plans[1],
      version: { effectiveFrom: LAUNCH, limit: 100 },
    });
  });

  it.each([
    [10, 100, false],
    [100, 10, true],
    [10, 10, false],
    [null, 10, true],
    [10, null, false],
    [null, null, false],
    [0, null, false],
    [null, 0, true],
  ])('should call %p → %p a downgrade: %p', (from, to, answer) => {
    expect(isDowngrade(from, to)).toBe(answer);
  });
});
