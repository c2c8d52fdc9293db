import { createReadStream } from 'node:fs';
import { tmpdir } from 'node:os';
import { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { ExponentialBackoff, handleWhen, retry } from 'cockatiel';
import { Disk } from 'flydrive';
import type { Assets, ByteRange, OpenedAsset, Received } from '../assets.js';
import { factsOf, isMissing } from './faults.js';
import { checkedKey } from './keys.js';
import type { S3Place } from './place.js';
import { makeSpool } from './spool.js';

export interface S3Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string | null;
}

/** How long S3 is waited for. Every call is tried three times. */
export interface S3Patience {
  connectMs: number;
  /** Until an answer to a read or a removal begins. */
  answerMs: number;
  /** Until a file is sent or copied. */
  writeMs: number;
  /** Without a byte while a file is read: longer than a slow reader takes to empty the buffers between. */
  idleMs: number;
  /** Before the second attempt. */
  retryAfterMs: number;
}

export interface S3Options {
  place: S3Place;
  /** Null: those of the machine or its role, as the AWS SDK finds them. */
  credentials: S3Credentials | null;
  patience?: S3Patience;
}

const PATIENCE: S3Patience = {
  connectMs: 5_000,
  answerMs: 15_000,
  // The largest file is 512 MiB: about 4 MiB/s.
  writeMs: 120_000,
  idleMs: 120_000,
  retryAfterMs: 200,
};
const ATTEMPTS = 3;
// Each open download holds one; the SDK's own 50 would let a few slow readers stop everybody.
const MAX_SOCKETS = 1_000;
const quiet = (): void => undefined;

/**
 * Keeps files in a bucket of S3, or of a service that speaks its protocol. A file appears whole or not at all, and S3 checks
 * its bytes against their SHA-256. Files are received into this machine's temporary directory. Throws on a malformed key.
 */
export function makeS3Assets({ place, credentials, patience = PATIENCE }: S3Options): Assets {
  // The temporary directory is everybody's, so nobody else may read what lies there.
  const spool = makeSpool({ dir: tmpdir(), prefix: 'genquota-', mode: 0o600 });
  // The SDK takes 0.2 s and 25 MB to load: only who uses it waits for it.
  let connected: Promise<Connected> | undefined;
  const connect = (): Promise<Connected> => (connected ??= connectTo(place, credentials, patience));
  const pathOf = (key: string): string => `${place.prefix}${checkedKey(key)}`;
  const insist = retry(handleWhen(isTransient), {
    maxAttempts: ATTEMPTS - 1,
    backoff: new ExponentialBackoff({ initialDelay: patience.retryAfterMs }),
  });

  return {
    receive: (content, limits) => spool.receive(content, limits),
    async put(key, received, contentType) {
      const path = pathOf(key);
      const { writes } = await connect();
      // The SDK cannot rewind what it has read of a file, so each attempt reads it anew.
      await insist.execute(() => send(writes, path, received, contentType));
    },
    async open(key, range) {
      const path = pathOf(key);
      const { get } = await connect();
      return get(path, range).catch(nullIfMissing);
    },
    async size(key) {
      const path = pathOf(key);
      const { reads } = await connect();
      const facts = await reads.getMetaData(path).catch(nullIfMissing);
      return facts?.contentLength ?? null;
    },
    async copy(from, to, contentType) {
      const [source, target] = [pathOf(from), pathOf(to)];
      const { writes } = await connect();
      const copied = await writes
        .copy(source, target, { contentType })
        .then(() => true)
        .catch(nullIfMissing);
      return copied ?? false;
    },
    async remove(key) {
      const path = pathOf(key);
      const { reads } = await connect();
      await reads.delete(path).catch(nullIfMissing);
    },
  };
}

interface Connected {
  /** Answers soon or not at all. */
  reads: Disk;
  /** Takes as long as large files do. */
  writes: Disk;
  get: (path: string, range?: ByteRange) => Promise<OpenedAsset>;
}

async function connectTo(
  { bucket, endpoint, region }: S3Place,
  credentials: S3Credentials | null,
  { connectMs, answerMs, writeMs, idleMs }: S3Patience,
): Promise<Connected> {
  const { S3Client: Client, GetObjectCommand } = await import('@aws-sdk/client-s3');
  const { S3Driver } = await import('flydrive/drivers/s3');

  const clientWith = (requestTimeout: number): S3Client =>
    new Client({
      region,
      ...(endpoint !== null && { endpoint, forcePathStyle: true }),
      ...(credentials && { credentials: credentialsOf(credentials) }),
      maxAttempts: ATTEMPTS,
      requestHandler: {
        connectionTimeout: connectMs,
        requestTimeout,
        throwOnRequestTimeout: true,
        socketTimeout: idleMs,
        httpAgent: { maxSockets: MAX_SOCKETS },
        httpsAgent: { maxSockets: MAX_SOCKETS },
      },
      // The SDK's own checksums travel in a form that not every service reads; uploads carry their SHA-256 instead.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      // What goes wrong is thrown; without a logger the SDK writes to the console, too.
      logger: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    });
  const diskOf = (client: S3Client): Disk =>
    // Buckets made since 2023 take no ACLs.
    new Disk(new S3Driver({ client, bucket, visibility: 'private', supportsACL: false }));

  const reader = clientWith(answerMs);
  return {
    reads: diskOf(reader),
    writes: diskOf(clientWith(writeMs)),
    async get(path, range) {
      const answer = await reader.send(
        new GetObjectCommand({
          Bucket: bucket,
          Key: path,
          ...(range && { Range: `bytes=${range.start}-${range.end}` }),
        }),
      );
      const stream = answer.Body;
      if (!(stream instanceof Readable)) throw new Error('S3 answered without a body.');
      const bytes = range ? totalIn(answer.ContentRange) : answer.ContentLength;
      if (bytes !== undefined) return { stream, bytes };
      stream.destroy();
      throw new Error('S3 did not say how large the file is, or sent all of it for a part.');
    },
  };
}

function credentialsOf({ accessKeyId, secretAccessKey, sessionToken }: S3Credentials) {
  return { accessKeyId, secretAccessKey, ...(sessionToken !== null && { sessionToken }) };
}

/** From `bytes 0-9/300`. */
function totalIn(contentRange: string | undefined): number | undefined {
  const total = /^bytes \d+-\d+\/(\d{1,15})$/.exec(contentRange ?? '')?.[1];
  return total === undefined ? undefined : Number(total);
}

async function send(
  disk: Disk,
  path: string,
  { path: file, bytes, sha256 }: Received,
  contentType: string,
): Promise<void> {
  const ChecksumSHA256 = Buffer.from(sha256, 'hex').toString('base64');
  const content = createReadStream(file);
  try {
    await disk.putStream(path, content, { contentType, contentLength: bytes, ChecksumSHA256 });
  } finally {
    content.destroy();
  }
}

function nullIfMissing(error: unknown): null {
  if (isMissing(error)) return null;
  throw error;
}

/** Whether trying again may help: no answer came, S3 is overloaded or unwell, or the bytes were damaged on their way. */
function isTransient(error: Error): boolean {
  const { name, status } = factsOf(error);
  if (typeof status !== 'number' || status >= 500 || status === 429) return true;
  return name === 'RequestTimeout' || name === 'BadDigest';
}
