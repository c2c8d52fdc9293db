import fc from 'fast-check';
import { findAction } from '../../src/domain/catalog.js';
import { ruleAt, unitsOf } from '../../src/domain/counting.js';
import { catalogWith, shipped } from './catalog.js';

const LAUNCH = Date.parse('2026-02-25T00:00:00Z');
const NEXT = Date.parse('2026-09-01T00:00:00Z');

const units = (catalog: typeof shipped, action: string, at: number) =>
  unitsOf(ruleAt(catalog.rules, at)!, findAction(catalog, action)!);

describe('today’s counting rule', () => {
  it.each(shipped.actions.filter((action) => action.metered).map((action) => action.id))(
    'should count %s as one, whatever it is (R2, R3)',
    (id) => {
      expect(units(shipped, id, LAUNCH)).toBe(1);
    },
  );

  it.each(shipped.actions.filter((action) => !action.metered).map((action) => action.id))(
    'should not count %s (R4)',
    (id) => {
      expect(units(shipped, id, LAUNCH)).toBe(0);
    },
  );
});

describe('versions of the counting rules (R11)', () => {
  const catalog = catalogWith((json) => {
    json.rules.push({
      id: '2026-09-01',
      effectiveFrom: '2026-09-01T00:00:00Z',
      meteredCost: 1,
      costs: { 'image.crop': 1, 'video.generate': 5, 'image.edit': 0 },
    });
  });

  it('should make a crop cost one from the new rule’s date on, to the millisecond', () => {
    expect(units(catalog, 'image.crop', NEXT - 1)).toBe(0);
    expect(units(catalog, 'image.crop', NEXT)).toBe(1);
  });

  it('should apply exceptions to metered actions, also zero', () => {
    expect(units(catalog, 'video.generate', NEXT)).toBe(5);
    expect(units(catalog, 'image.edit', NEXT)).toBe(0);
    expect(units(catalog, 'image.generate', NEXT)).toBe(1);
  });

  it('should name the rule in force, and none before the first', () => {
    expect(ruleAt(catalog.rules, LAUNCH - 1)).toBeUndefined();
    expect(ruleAt(catalog.rules, LAUNCH)?.id).toBe('2026-02-25');
    expect(ruleAt(catalog.rules, NEXT - 1)?.id).toBe('2026-02-25');
    expect(ruleAt(catalog.rules, NEXT + 1e12)?.id).toBe('2026-09-01');
  });

  it('should always have a rule in force from the first plan version on', () => {
    fc.assert(
      fc.property(fc.integer({ min: LAUNCH, max: 4e12 }), (at) => {
        expect(ruleAt(catalog.rules, at)).toBeDefined();
      }),
    );
  });

  it('should not take an inherited property for an exception', () => {
    const named = { id: 'constructor', name: 'Trick', kind: 'image' } as const;
    const action = { ...named, metered: true, providers: [] };
    expect(unitsOf(shipped.rules[0]!, action)).toBe(1);
  });
});
