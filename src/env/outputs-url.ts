import { z } from 'zod';

/** What signs requests to the bucket. */
export interface S3Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  /** Null: the keys are lasting ones. */
  sessionToken: string | null;
}

interface S3Variables {
  OUTPUTS_URL?: string | undefined;
  AWS_ACCESS_KEY_ID?: string | undefined;
  AWS_SECRET_ACCESS_KEY?: string | undefined;
  AWS_SESSION_TOKEN?: string | undefined;
}

const EXPECTED =
  'expected a directory as file:///absolute/path, or a bucket as s3://bucket/prefix?region=eu-central-1, with &endpoint=https://s3.example.com where it is not at AWS';

// Amazon's rule for names of buckets. Prefixes are of characters that need no escaping anywhere.
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const PREFIX = /^(\/[A-Za-z0-9_-]{1,128}){0,8}\/?$/;
const REGION = /^[a-z0-9-]{1,64}$/;

/** A directory, or a bucket with an optional prefix. Credentials do not belong in it. */
export const outputsUrl = z.string().refine((text) => {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  if (url.protocol === 'file:') return url.hostname === '';
  return url.protocol === 's3:' && isBucket(url);
}, EXPECTED);

function isBucket(url: URL): boolean {
  const { hostname, pathname, username, password, port, hash } = url;
  const { endpoint, region, ...others } = Object.fromEntries(url.searchParams);
  return (
    BUCKET.test(hostname) &&
    PREFIX.test(pathname) &&
    username + password + port + hash === '' &&
    Object.keys(others).length === 0 &&
    (region === undefined || REGION.test(region)) &&
    (endpoint === undefined || isWebAddress(endpoint))
  );
}

function isWebAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return ['http:', 'https:'].includes(protocol) && username + password + search + hash === '';
}

/** Half of a pair of keys is a mistake; none at all leaves it to what the machine itself has, such as an instance's role. */
export function s3Conflicts(given: S3Variables): string[] {
  const { OUTPUTS_URL: url, AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret } = given;
  if (!url?.startsWith('s3:')) return [];
  const some = id ?? secret ?? given.AWS_SESSION_TOKEN;
  const missing = [
    ...(id ? [] : ['AWS_ACCESS_KEY_ID']),
    ...(secret ? [] : ['AWS_SECRET_ACCESS_KEY']),
  ];
  if (!some || missing.length === 0) return [];
  return [
    `${missing.join(', ')}: needed beside the other AWS_ variables; unset them all to use the machine's own role`,
  ];
}

/** Null: outputs do not lie in a bucket, or the machine itself has what signs requests. */
export function s3Of(given: S3Variables): S3Credentials | null {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = given;
  if (!given.OUTPUTS_URL?.startsWith('s3:') || !accessKeyId || !secretAccessKey) return null;
  return Object.freeze({
    accessKeyId,
    secretAccessKey,
    sessionToken: given.AWS_SESSION_TOKEN ?? null,
  });
}
