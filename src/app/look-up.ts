import type { Generation } from '../domain/generation.js';
import type { Lookup } from '../provider.js';
import type { Core } from './core.js';

// Asking takes a moment: one slow answer must not hold up the others. Storing what it says was delivered may take far longer.
const LOOKUP_MS = 10_000;

/** What its provider says became of a generation; null: it cannot tell. One that does not answer in time counts as still running. */
export async function lookUp(core: Core, generation: Generation): Promise<Lookup | null> {
  const provider = core.providers.get(generation.provider);
  if (!provider?.lookup) return null;
  const controller = new AbortController();
  let cancel = (): void => undefined;
  const late = new Promise<Lookup>((resolve) => {
    cancel = core.clock.after(LOOKUP_MS, () => {
      controller.abort(new Error('the provider did not answer in time'));
      resolve({ kind: 'running' });
    });
  });
  return Promise.race([provider.lookup(generation, controller.signal), late]).finally(cancel);
}
