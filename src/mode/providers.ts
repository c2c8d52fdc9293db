import type { Clock } from '../clock.js';
import type { Catalog } from '../domain/catalog.js';
import type { Serving } from '../env.js';
import type { Log } from '../log.js';
import type { Provider } from '../provider.js';
import { makeOpenAiImages } from '../provider/openai.js';
import { makeSketch } from '../provider/sketch.js';

/** The built-in provider, and those the environment has keys for; by the name actions use in the catalogue. */
export function makeProviders(
  { openAi }: Serving,
  log: Log,
  clock: Clock,
): ReadonlyMap<string, Provider> {
  const providers = [makeSketch({ clock })];
  if (openAi) providers.push(makeOpenAiImages({ ...openAi, clock, log }));
  return new Map(providers.map((provider) => [provider.name, provider]));
}

/** Throws, naming every metered action whose provider is not there. */
export function checkProviders(
  catalog: Catalog,
  providers: ReadonlyMap<string, Provider>,
  openAi: Serving['openAi'],
): void {
  const problems = catalog.actions
    .filter((action) => action.metered && !providers.has(action.provider ?? ''))
    .map((action) => {
      if (action.provider === undefined) return `${action.id} names no provider`;
      const why = action.provider === 'openai' && !openAi ? ' (set OPENAI_API_KEY)' : '';
      return `${action.id} names ${action.provider}, which is not configured${why}`;
    });
  if (problems.length === 0) return;
  const known = [...providers.keys()].join(', ');
  throw new Error(
    `The catalogue does not fit the providers here (${known}):\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
  );
}
