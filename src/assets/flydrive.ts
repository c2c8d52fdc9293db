import type { Assets } from '../assets.js';
import { makeAssets } from './by-url.js';

/** The directory at `url`. */
export function makeFlydriveAssets({ url }: { url: string }): Assets {
  return makeAssets({ url, s3: null });
}
