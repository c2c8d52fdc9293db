import { fileURLToPath } from 'node:url';

/** Where assets lie, as OUTPUTS_URL says it. */
export type Place = { kind: 'disk'; directory: string } | S3Place;

export interface S3Place {
  kind: 's3';
  bucket: string;
  /** Before every key: empty, or ends in a slash. */
  prefix: string;
  /** Of a service other than Amazon's; buckets are in the path there. */
  endpoint: string | null;
  region: string;
}

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const PREFIX = /^(?:[A-Za-z0-9_-]{1,128}\/){0,8}$/;
const REGION = /^[a-z0-9-]{1,64}$/;

/** Throws with what is expected. */
export function placeOf(url: string): Place {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed?.protocol === 'file:' && parsed.hostname === '') {
    return { kind: 'disk', directory: fileURLToPath(parsed) };
  }
  const place = parsed?.protocol === 's3:' ? s3PlaceOf(parsed) : null;
  if (place) return place;
  throw new Error(
    'OUTPUTS_URL must be a directory as file:///absolute/path, or a bucket as s3://bucket/prefix?region=eu-central-1 ' +
      '(other services than Amazon’s: &endpoint=https://host; a prefix is of A-Z a-z 0-9 _ - and /).',
  );
}

function s3PlaceOf({
  hostname,
  pathname,
  username,
  port,
  searchParams,
  hash,
}: URL): S3Place | null {
  const prefix = pathname.replaceAll(/^\/+|\/+$/g, '');
  const place: S3Place = {
    kind: 's3',
    bucket: hostname,
    prefix: prefix === '' ? '' : `${prefix}/`,
    endpoint: searchParams.get('endpoint'),
    // Amazon's own default; most other services take any.
    region: searchParams.get('region') ?? 'us-east-1',
  };
  const known = [...searchParams.keys()].every((name) => ['endpoint', 'region'].includes(name));
  const plain = username === '' && port === '' && hash === '' && known;
  if (!plain || !BUCKET.test(place.bucket) || !PREFIX.test(place.prefix)) return null;
  return REGION.test(place.region) && isEndpoint(place.endpoint) ? place : null;
}

/** A path is fine: some services have S3 below one. */
function isEndpoint(endpoint: string | null): boolean {
  if (endpoint === null) return true;
  const url = URL.canParse(endpoint) ? new URL(endpoint) : null;
  if (!url || !/^https?:$/.test(url.protocol)) return false;
  return url.username + url.password + url.search + url.hash === '';
}
