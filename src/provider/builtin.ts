// A placeholder until the real one is written over it.
import type { Provider } from '../provider.js';
export function makeBuiltin(_options: object): Provider {
  return { name: 'builtin', dispatch: () => Promise.reject(new Error('not here yet')) };
}
