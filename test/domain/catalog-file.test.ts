import { CatalogError, parseCatalog } from '../../src/domain/catalog-file.js';
import { findAction, findPlan } from '../../src/domain/catalog.js';
import { catalogWith, shipped, shippedJson, type CatalogJson } from './catalog.js';

const LAUNCH = Date.parse('2026-02-25T00:00:00Z');

function errorsOf(json: unknown): readonly string[] {
  try {
    parseCatalog(json);
  } catch (error) {
    if (error instanceof CatalogError) return error.errors;
    throw error;
  }
  return [];
}

function errorsAfter(change: (json: CatalogJson) => void): readonly string[] {
  const json = shippedJson();
  change(json);
  return errorsOf(json);
}

describe('the shipped catalogue', () => {
  it('should give 10, 100 and unlimited from 25 February 2026 on (R1)', () => {
    expect(shipped.plans).toEqual([
      { id: 'core', name: 'Core', versions: [{ effectiveFrom: LAUNCH, limit: 10 }] },
      { id: 'plus', name: 'Plus', versions: [{ effectiveFrom: LAUNCH, limit: 100 }] },
      { id: 'ultimate', name: 'Ultimate', versions: [{ effectiveFrom: LAUNCH, limit: null }] },
    ]);
  });

  it('should meter every action with a Generate button (R3)', () => {
    const metered = shipped.actions.filter((action) => action.metered);
    expect(metered.map((action) => action.id)).toEqual([
      'image.generate',
      'image.edit',
      'video.generate',
      'video.edit',
      'audio.generate',
      'audio.edit',
      'style.create',
      'changes.generate',
      'frame.start.generate',
      'frame.end.generate',
    ]);
    expect(metered.map((action) => action.providers)).toEqual(metered.map(() => ['sketch']));
  });

  it('should have free actions, each with the field that serves it (R4)', () => {
    const free = shipped.actions.filter((action) => !action.metered);
    expect(free.map((action) => [action.id, action.field])).toEqual([
      ['reference.upload', 'uploadReference'],
      ['prompt.enhance', 'enhancePrompt'],
      ['image.crop', 'cropImage'],
    ]);
  });

  it('should begin with one counting rule', () => {
    expect(shipped.rules).toEqual([
      { id: '2026-02-25', effectiveFrom: LAUNCH, meteredCost: 1, costs: {} },
    ]);
  });

  it('should find plans and actions by id only', () => {
    expect(findPlan(shipped, 'plus')?.name).toBe('Plus');
    expect(findAction(shipped, 'image.edit')?.name).toBe('Edit image');
    expect(findPlan(shipped, 'Plus')).toBeUndefined();
    expect(findAction(shipped, 'constructor')).toBeUndefined();
  });
});

describe('what a catalogue may say', () => {
  it('should read a deadline', () => {
    const catalog = catalogWith((json) => (json.actions[2]!.deadline = '2h'));
    expect(catalog.actions[2]).toMatchObject({ id: 'video.generate', deadlineMs: 7_200_000 });
    expect(catalog.actions[2]).not.toHaveProperty('deadline');
  });

  it('should leave providers to the deployment where it names none', () => {
    const catalog = catalogWith((json) => delete json.actions[0]!.provider);
    expect(catalog.actions[0]!.providers).toEqual([]);
    expect(catalog.actions[12]!.providers).toEqual([]);
  });

  it('should read several providers in their order, of free actions, too', () => {
    const catalog = catalogWith((json) => {
      delete json.actions[0]!.provider;
      json.actions[0]!.providers = ['studio', 'pictures', 'sketch'];
      json.actions[12]!.providers = ['studio'];
      json.actions[11]!.provider = 'studio';
    });
    expect(catalog.actions[0]!.providers).toEqual(['studio', 'pictures', 'sketch']);
    expect(catalog.actions[12]!.providers).toEqual(['studio']);
    expect(catalog.actions[11]!.providers).toEqual(['studio']);
    expect(catalog.actions[0]).not.toHaveProperty('provider');
  });

  it('should read the deadline of a free action', () => {
    const catalog = catalogWith((json) => (json.actions[12]!.deadline = '1m'));
    expect(catalog.actions[12]).toMatchObject({ id: 'image.crop', deadlineMs: 60_000 });
  });

  it('should accept a rule without exceptions, and one that begins before all plans', () => {
    const catalog = catalogWith((json) => {
      delete (json.rules[0] as Record<string, unknown>).costs;
      json.rules[0]!.effectiveFrom = '2025-01-01T00:00Z';
    });
    expect(catalog.rules[0]).toMatchObject({ costs: {}, effectiveFrom: Date.UTC(2025, 0, 1) });
  });

  it.each([
    ['2026-02-25T00:00Z', '2026-02-25T00:00:00.000Z'],
    ['2026-02-25T01:00:00+01:00', '2026-02-25T00:00:00.000Z'],
    ['2026-02-25T00:00:00.250Z', '2026-02-25T00:00:00.250Z'],
  ])('should read the instant %s', (text, instant) => {
    const catalog = catalogWith((json) => (json.plans[0]!.versions[0]!.effectiveFrom = text));
    expect(catalog.plans[0]!.versions[0]!.effectiveFrom).toBe(Date.parse(instant));
  });
});

describe('what a catalogue may not say', () => {
  const version = (json: CatalogJson) => json.plans[1]!.versions[0]!;
  const next = (effectiveFrom: string) => ({ effectiveFrom, limit: 5 });

  const cases: [string, (json: CatalogJson) => void, string][] = [
    ['a negative limit', (json) => (version(json).limit = -1), 'plans[1].versions[0].limit'],
    ['half a generation', (json) => (version(json).limit = 1.5), 'plans[1].versions[0].limit'],
    ['a limit beyond Int', (json) => (version(json).limit = 3e9), 'plans[1].versions[0].limit'],
    ['a missing limit', (json) => delete version(json).limit, 'plans[1].versions[0].limit'],
    ['a limit in words', (json) => (version(json).limit = '10'), 'plans[1].versions[0].limit'],
    ['no version', (json) => (json.plans[1]!.versions = []), 'plans[1].versions'],
    ['no plan', (json) => (json.plans = []), 'plans'],
    ['a plan twice', (json) => json.plans.push(json.plans[0]!), 'plans[3].id'],
    ['an action twice', (json) => json.actions.push(json.actions[4]!), 'actions[13].id'],
    ['an empty id', (json) => (json.actions[0]!.id = ''), 'actions[0].id'],
    ['a shouted id', (json) => (json.plans[0]!.id = 'Core'), 'plans[0].id'],
    ['an unknown kind', (json) => (json.actions[0]!.kind = 'smell'), 'actions[0].kind'],
    ['neither metered nor free', (json) => delete json.actions[0]!.metered, 'actions[0].metered'],
    ['a free action served nowhere', (json) => delete json.actions[12]!.field, 'actions[12].field'],
    ['a field that is none', (json) => (json.actions[12]!.field = 'crop-it'), 'actions[12].field'],
    [
      'a deadline over 2 hours',
      (json) => (json.actions[0]!.deadline = '121m'),
      'actions[0].deadline',
    ],
    ['a deadline of nothing', (json) => (json.actions[0]!.deadline = '0s'), 'actions[0].deadline'],
    ['a deadline in words', (json) => (json.actions[0]!.deadline = 'soon'), 'actions[0].deadline'],
    [
      'one provider and several',
      (json) => (json.actions[0]!.providers = ['studio']),
      'actions[0].providers',
    ],
    [
      'providers that are none',
      (json) => (json.actions[12]!.providers = []),
      'actions[12].providers',
    ],
    [
      'more providers than a deadline allows',
      (json) => (json.actions[12]!.providers = Array.from({ length: 9 }, (_, at) => `p${at}`)),
      'actions[12].providers',
    ],
    [
      'a provider without a name',
      (json) => (json.actions[12]!.providers = ['studio', '']),
      'actions[12].providers[1]',
    ],
    ['a negative cost', (json) => (json.rules[0]!.meteredCost = -1), 'rules[0].meteredCost'],
    [
      'an unknown action’s cost',
      (json) => (json.rules[0]!.costs['image.eat'] = 2),
      'rules[0].costs["image.eat"]',
    ],
    [
      'a fraction as a cost',
      (json) => (json.rules[0]!.costs['image.crop'] = 0.5),
      'rules[0].costs["image.crop"]',
    ],
    ['no rule', (json) => (json.rules = []), 'rules'],
    [
      'a day without a time',
      (json) => (version(json).effectiveFrom = '2026-02-25'),
      'plans[1].versions[0].effectiveFrom',
    ],
    [
      'a time without a zone',
      (json) => (version(json).effectiveFrom = '2026-02-25T00:00:00'),
      'plans[1].versions[0].effectiveFrom',
    ],
    [
      '30 February',
      (json) => (version(json).effectiveFrom = '2026-02-30T00:00:00Z'),
      'plans[1].versions[0].effectiveFrom',
    ],
    [
      'versions out of order',
      (json) => json.plans[1]!.versions.push(next('2026-02-01T00:00:00Z')),
      'plans[1].versions[1].effectiveFrom',
    ],
    [
      'a version’s date twice',
      (json) => json.plans[1]!.versions.push(next('2026-02-25T01:00:00+01:00')),
      'plans[1].versions[1].effectiveFrom',
    ],
    [
      'a rule’s date twice',
      (json) => json.rules.push({ ...json.rules[0]!, id: 'next' }),
      'rules[1].effectiveFrom',
    ],
    [
      'a rule’s id twice',
      (json) => json.rules.push({ ...json.rules[0]!, effectiveFrom: '2027-01-01T00:00:00Z' }),
      'rules[1].id',
    ],
    [
      'no rule for the first plan',
      (json) => (json.rules[0]!.effectiveFrom = '2026-02-25T00:00:01Z'),
      'rules[0].effectiveFrom',
    ],
  ];

  it.each(cases)('should refuse %s and say where', (_, change, path) => {
    const errors = errorsAfter(change);
    expect(errors.filter((error) => error.startsWith(`${path}: `))).toHaveLength(1);
  });

  it.each<[string, (json: CatalogJson) => void]>([
    ['at the top', (json) => Object.assign(json, { colour: 1 })],
    ['in a plan', (json) => (json.plans[0]!.colour = 1)],
    ['in a version', (json) => (json.plans[0]!.versions[0]!.colour = 1)],
    ['in an action', (json) => (json.actions[0]!.colour = 1)],
    ['in a rule', (json) => (json.rules[0]!.colour = 1)],
    ['of a metered action in a free one', (json) => (json.actions[12]!.colour = 'sketch')],
  ])('should refuse an unknown key %s and name it', (_, change) => {
    expect(errorsAfter(change)).toEqual([expect.stringContaining('"colour"')]);
  });

  it('should refuse a field on a metered action', () => {
    const errors = errorsAfter((json) => (json.actions[0]!.field = 'generate'));
    expect(errors).toEqual([expect.stringMatching(/^actions\[0\]: .*"field"/)]);
  });

  it('should name all errors at once, those of form and those between entries', () => {
    const errors = errorsAfter((json) => {
      version(json).limit = -1;
      json.plans[0]!.versions.push(next('2020-01-01T00:00:00Z'));
      json.plans.push({ ...json.plans[2]! });
      json.actions[0]!.deadline = '3h';
      delete json.actions[12]!.field;
      json.rules[0]!.effectiveFrom = '2030-01-01T00:00:00Z';
      json.rules[0]!.costs['image.eat'] = 2;
      json.rules.push('later' as never);
    });
    expect(errors.map((error) => error.split(': ')[0])).toEqual([
      'plans[1].versions[0].limit',
      'actions[0].deadline',
      'actions[12].field',
      'rules[1]',
      'plans[3].id',
      'plans[0].versions[1].effectiveFrom',
      'rules[0].effectiveFrom',
      'rules[0].costs["image.eat"]',
    ]);
  });

  it('should put every error into the message', () => {
    const json = shippedJson();
    version(json).limit = -1;
    json.actions[0]!.deadline = '3h';
    expect(() => parseCatalog(json)).toThrow(
      /^The catalogue has 2 errors:\n {2}plans\[1\]\.versions\[0\]\.limit: .+\n {2}actions\[0\]\.deadline: .+$/,
    );
  });

  it.each([null, 5, 'catalog', [], {}, { plans: {}, actions: 1, rules: null }])(
    'should refuse %j as a whole',
    (json) => {
      expect(errorsOf(json).length).toBeGreaterThan(0);
    },
  );
});
