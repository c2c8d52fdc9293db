import { readFile } from 'node:fs/promises';
import type { Clock } from '../clock.js';
import type { Serving } from '../env.js';
import type { Log } from '../log.js';
import type { Provider } from '../provider.js';
import { makeBuiltin } from '../provider/builtin.js';
import { makeHttpProvider } from '../provider/http.js';
import { makeOpenAi } from '../provider/openai.js';
import { makeSketch } from '../provider/sketch.js';
import { parseProvidersFile, ProvidersFileError } from './providers-file.js';
import type { ConfiguredProvider } from './providers-file.js';

/**
 * The built-in providers, `openai` where the environment has a key for it, and those of PROVIDERS_FILE; by the name actions
 * use in the catalogue. Throws with all that is wrong in the file.
 */
export async function makeProviders(
  env: Serving,
  log: Log,
  clock: Clock,
): Promise<ReadonlyMap<string, Provider>> {
  const { openAi } = env;
  const providers = [
    makeSketch({ clock }),
    makeBuiltin(),
    ...(openAi ? [makeOpenAi({ name: 'openai', ...openAi, clock, log })] : []),
    ...(await configured(env, log, clock)),
  ];
  return new Map(providers.map((provider) => [provider.name, provider]));
}

async function configured(env: Serving, log: Log, clock: Clock): Promise<Provider[]> {
  const file = env.providersFile;
  if (file === null) return [];
  try {
    const taken = env.openAi ? ['openai'] : [];
    const entries = parseProvidersFile(await readJson(file), env.secretOf, taken);
    const make = (entry: ConfiguredProvider): Provider => makeOne(entry, env, log, clock);
    return all(entries, make);
  } catch (error) {
    if (!(error instanceof ProvidersFileError)) throw error;
    throw new Error(`PROVIDERS_FILE ${file}: ${error.message}`, { cause: error });
  }
}

async function readJson(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new Error(`PROVIDERS_FILE ${file} cannot be read: ${String(error)}`, { cause: error });
  }
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own words quote the file, where somebody may have put a key after all.
    throw new ProvidersFileError(['it is not valid JSON']);
  }
}

function makeOne(
  entry: ConfiguredProvider,
  { publicUrl }: Serving,
  log: Log,
  clock: Clock,
): Provider {
  if (entry.type === 'openai') return makeOpenAi({ ...entry, clock, log });
  const { name, callbackSecret } = entry;
  if (callbackSecret !== null && publicUrl === null) {
    log.warn(
      { provider: name },
      'PUBLIC_URL is not set: the provider is polled and cannot call back',
    );
  }
  const callbackUrl = callbackSecret && publicUrl ? `${publicUrl}/callbacks/${name}` : null;
  return makeHttpProvider({ ...entry, callbackUrl, clock, log });
}

/** Makes every one; throws what all of them find wrong with their options. */
function all(
  entries: readonly ConfiguredProvider[],
  make: (entry: ConfiguredProvider) => Provider,
): Provider[] {
  const errors: string[] = [];
  const made = entries.flatMap((entry) => {
    try {
      return [make(entry)];
    } catch (error) {
      errors.push(error instanceof Error ? error.message : String(error));
      return [];
    }
  });
  if (errors.length > 0) throw new ProvidersFileError(errors);
  return made;
}
