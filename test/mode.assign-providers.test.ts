import { assignProviders } from '../src/mode/assign-providers.js';
import type { Provider } from '../src/provider.js';
import { catalogWith, shipped, type CatalogJson } from './domain/catalog.js';

const nobody = (): never => {
  throw new Error('nobody dispatches here');
};
const present = new Map<string, Provider>(
  ['sketch', 'builtin', 'studio'].map((name) => [name, { name, dispatch: nobody }]),
);

/** The shipped catalogue without the providers it names. */
function bare(change: (json: CatalogJson) => void = () => undefined) {
  return catalogWith((json) => {
    for (const action of json.actions) delete action.provider;
    change(json);
  });
}

describe('assignProviders', () => {
  it('should keep what the catalogue says', () => {
    const catalog = catalogWith((json) => {
      delete json.actions[0]!.provider;
      json.actions[0]!.providers = ['studio', 'sketch'];
      json.actions[12]!.provider = 'studio';
    });
    const { actions } = assignProviders(catalog, present, []);
    expect(actions[0]!.providers).toEqual(['studio', 'sketch']);
    expect(actions[12]!.providers).toEqual(['studio']);
  });

  it('should give metered actions the default of the mode', () => {
    const { actions, ...rest } = assignProviders(bare(), present, ['sketch']);
    const metered = actions.filter((action) => action.metered);
    expect(metered.map((action) => action.providers)).toEqual(metered.map(() => ['sketch']));
    expect(rest).toEqual({ plans: shipped.plans, rules: shipped.rules });
  });

  it('should give free actions the built-in one, and uploads nobody', () => {
    const { actions } = assignProviders(bare(), present, ['sketch']);
    const free = actions.filter((action) => !action.metered);
    expect(free.map((action) => [action.id, action.providers])).toEqual([
      ['reference.upload', []],
      ['prompt.enhance', ['builtin']],
      ['image.crop', ['builtin']],
    ]);
  });

  it('should name every metered action without a provider where there is no default', () => {
    const assign = () => assignProviders(bare(), present, []);
    expect(assign).toThrow(/\(sketch, builtin, studio\):\n {2}image\.generate names no provider\n/);
    expect(assign).toThrow(/frame\.end\.generate names no provider$/);
    expect(assign).not.toThrow(/reference\.upload|image\.crop/);
  });

  it('should name every provider that is not there, and what to set', () => {
    const catalog = catalogWith((json) => {
      json.actions[0]!.provider = 'openai';
      delete json.actions[1]!.provider;
      json.actions[1]!.providers = ['sketch', 'film', 'tape'];
      json.actions[12]!.provider = 'scissors';
    });
    const lines = [
      'image.generate names openai, which is not configured (set OPENAI_API_KEY)',
      'image.edit names film, which is not configured (set PROVIDERS_FILE)',
      'image.edit names tape, which is not configured (set PROVIDERS_FILE)',
      'image.crop names scissors, which is not configured (set PROVIDERS_FILE)',
    ];
    expect(() => assignProviders(catalog, present, [])).toThrow(
      `:\n${lines.map((line) => `  ${line}`).join('\n')}`,
    );
  });

  it('should refuse a provider of uploads', () => {
    const catalog = catalogWith((json) => (json.actions[10]!.provider = 'studio'));
    expect(() => assignProviders(catalog, present, [])).toThrow(
      /reference\.upload names studio, but the gateway itself takes uploads/,
    );
  });
});
