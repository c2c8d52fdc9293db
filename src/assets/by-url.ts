import type { Assets } from '../assets.js';
import { makeDiskAssets } from './disk.js';
import { placeOf } from './place.js';
import { makeS3Assets, type S3Credentials } from './s3.js';

export interface AssetsOptions {
  /** A directory as `file:///absolute/path`, or a bucket as `s3://bucket/prefix?endpoint=…&region=…`. */
  url: string;
  /** Null: those of the machine or its role. */
  s3: S3Credentials | null;
}

/** The asset store at `url`. Throws when `url` is none; whether it can be reached, its first use shows. */
export function makeAssets({ url, s3 }: AssetsOptions): Assets {
  const place = placeOf(url);
  if (place.kind === 'disk') return makeDiskAssets(place.directory);
  return makeS3Assets({ place, credentials: s3 });
}
