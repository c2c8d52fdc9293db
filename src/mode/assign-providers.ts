import type { Action, Catalog } from '../domain/catalog.js';
import type { Provider } from '../provider.js';

type Providers = ReadonlyMap<string, Provider>;

// The one that nobody serves: people bring the file themselves.
const UPLOAD_FIELD = 'uploadReference';
const FIELDS = [UPLOAD_FIELD, 'cropImage', 'enhancePrompt'];

/**
 * The catalogue with providers for every action: `meteredDefault` where it names none for a metered one, the built-in one for
 * free ones. Throws, naming every action whose providers are not there.
 */
export function assignProviders(
  catalog: Catalog,
  providers: Providers,
  meteredDefault: readonly string[],
): Catalog {
  const actions = catalog.actions.map((action) =>
    action.providers.length > 0
      ? action
      : { ...action, providers: defaultOf(action, meteredDefault) },
  );
  const problems = actions.flatMap((action) => problemsOf(action, providers));
  if (problems.length === 0) return { ...catalog, actions };
  const known = [...providers.keys()].join(', ');
  throw new Error(
    `The catalogue does not fit the providers here (${known}):\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
  );
}

function defaultOf(action: Action, meteredDefault: readonly string[]): readonly string[] {
  if (action.metered) return meteredDefault;
  return action.field === UPLOAD_FIELD ? [] : ['builtin'];
}

function problemsOf({ id, field, providers: names }: Action, providers: Providers): string[] {
  if (field !== undefined && !FIELDS.includes(field)) {
    return [
      `${id} names the field ${field}, which there is not: choose one of ${FIELDS.join(', ')}`,
    ];
  }
  if (field === UPLOAD_FIELD) {
    return names.length === 0
      ? []
      : [`${id} names ${names.join(', ')}, but the gateway itself takes uploads: name no provider`];
  }
  if (names.length === 0) return [`${id} names no provider`];
  return names
    .filter((name) => !providers.has(name))
    .map((name) => {
      const remedy = name === 'openai' ? 'OPENAI_API_KEY' : 'PROVIDERS_FILE';
      return `${id} names ${name}, which is not configured (set ${remedy})`;
    });
}
