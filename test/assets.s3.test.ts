import { readdir, stat, utimes, writeFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Assets } from '../src/assets.js';
import { makeAssets } from '../src/assets/by-url.js';
import { placeOf, type S3Place } from '../src/assets/place.js';
import { makeS3Assets, type S3Credentials, type S3Patience } from '../src/assets/s3.js';
import { assetsContract, bytesOf, store } from './contract/assets.contract.js';
import { S3_KEYS, startS3StandIn, type Mishap, type S3StandIn } from './standins/s3.js';

const KEY = 'digest/generation/0.png';
const OBJECT = `made/here/${KEY}`;
const MIB = 2 ** 20;
const BUSY: Mishap = { kind: 'refuse', status: 503, code: 'SlowDown' };
const UNWELL: Mishap = { kind: 'refuse', status: 500, code: 'InternalError' };
const SILENT: Mishap = { kind: 'stall', after: 'nothing' };
const PATIENT: S3Patience = {
  connectMs: 10_000,
  answerMs: 10_000,
  writeMs: 10_000,
  idleMs: 10_000,
  retryAfterMs: 1,
};
const IMPATIENT: S3Patience = { ...PATIENT, answerMs: 200, writeMs: 200 };
// As keys of a role are.
const TEMPORARY: S3Credentials = { ...S3_KEYS, sessionToken: 'a token' };

// Other tests use the directory at the same time; nobody else receives files there.
const receivedNow = async (): Promise<string[]> =>
  (await readdir(tmpdir())).filter((name) => /^genquota-.*\.part$/.test(name)).sort();

assetsContract('S3', async () => {
  const s3 = await startS3StandIn();
  return {
    assets: makeAssets({ url: s3.url, s3: S3_KEYS }),
    receivedNow,
    dispose: () => s3.dispose(),
  };
});

describe('assets in S3', () => {
  let s3: S3StandIn;
  let assets: Assets;
  const methods = (): string[] => s3.requests.map(({ method }) => method);
  beforeEach(async () => {
    s3 = await startS3StandIn();
    assets = withKeys(S3_KEYS);
  });
  afterEach(() => s3.dispose());

  function withKeys(credentials: S3Credentials, patience = PATIENT): Assets {
    return makeS3Assets({ place: placeOf(s3.url) as S3Place, credentials, patience });
  }

  it('should put files under the prefix, with type, length and SHA-256, and no ACL', async () => {
    await store(assets, KEY, Buffer.from('x'));
    expect(s3.objects.get(OBJECT)).toEqual({ bytes: Buffer.from('x'), contentType: 'image/png' });
    expect(s3.requests).toMatchObject([{ method: 'PUT', path: `/outputs/${OBJECT}` }]);
    const { headers } = s3.requests[0]!;
    expect(headers).toMatchObject({
      'content-length': '1',
      'x-amz-checksum-sha256': 'LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE=',
    });
    expect(headers).not.toHaveProperty('x-amz-acl');
    expect(headers).not.toHaveProperty('transfer-encoding');
  });

  it('should send a session token along', async () => {
    await store(withKeys(TEMPORARY), KEY, Buffer.from('x'));
    expect(s3.requests[0]?.headers['x-amz-security-token']).toBe('a token');
  });

  it('should fail at once with keys that are not right, saying so', async () => {
    const wrong = withKeys({ ...S3_KEYS, secretAccessKey: 'another' });
    await expect(store(wrong, KEY, Buffer.from('x'))).rejects.toMatchObject({
      cause: { name: 'SignatureDoesNotMatch' },
    });
    expect(methods()).toEqual(['PUT']);
    expect(s3.objects.size).toBe(0);
    await expect(wrong.open(KEY)).rejects.toThrow();
    await expect(wrong.size(KEY)).rejects.toThrow();
    await expect(wrong.remove(KEY)).rejects.toThrow();
    await expect(wrong.copy(KEY, 'a/b.png', 'image/png')).rejects.toThrow();
  });

  it('should not take a bucket that is missing for files that are', async () => {
    const url = s3.url.replace('outputs', 'elsewhere');
    const lost = makeAssets({ url, s3: S3_KEYS });
    await expect(lost.open(KEY)).rejects.toThrow();
    await expect(store(lost, KEY, Buffer.from('x'))).rejects.toThrow();
  });

  it.each([1, 3 * MIB])(
    'should put %i bytes again when S3 is busy, from the start',
    async (size) => {
      const bytes = Buffer.alloc(size, 'a');
      s3.next(BUSY, { kind: 'cut' });
      await store(assets, KEY, bytes);
      expect(s3.objects.get(OBJECT)?.bytes.equals(bytes)).toBe(true);
      expect(methods()).toEqual(['PUT', 'PUT', 'PUT']);
    },
  );

  it('should give up a put after three attempts, and leave only what was received', async () => {
    s3.next(BUSY, BUSY, BUSY);
    const received = await assets.receive(Buffer.from('x'), { maxBytes: 10 });
    await expect(assets.put(KEY, received, 'image/png')).rejects.toThrow();
    expect(methods()).toEqual(['PUT', 'PUT', 'PUT']);
    await assets.put(KEY, received, 'image/png');
    await received.discard();
    expect(s3.objects.has(OBJECT)).toBe(true);
  });

  it('should not put a file that was changed after it was received', async () => {
    const received = await assets.receive(Buffer.from('x'), { maxBytes: 10 });
    await writeFile(received.path, 'y');
    await expect(assets.put(KEY, received, 'image/png')).rejects.toMatchObject({
      cause: { name: 'BadDigest' },
    });
    expect(s3.objects.size).toBe(0);
    await received.discard();
  });

  it('should ask again when S3 is unwell, and give up after three attempts', async () => {
    await store(assets, KEY, Buffer.from('x'));
    s3.next(UNWELL, UNWELL);
    expect(await assets.size(KEY)).toBe(1);
    s3.next(UNWELL, UNWELL);
    expect(String(await bytesOf((await assets.open(KEY))!.stream))).toBe('x');
    s3.next(UNWELL, UNWELL);
    expect(await assets.copy(KEY, 'a/b.png', 'image/png')).toBe(true);
    s3.next(UNWELL, UNWELL);
    await assets.remove(KEY);
    expect(s3.objects.has(OBJECT)).toBe(false);
    s3.requests.length = 0;
    s3.next(UNWELL, UNWELL, UNWELL);
    await expect(assets.open(KEY)).rejects.toMatchObject({ name: 'InternalError' });
    expect(methods()).toEqual(['GET', 'GET', 'GET']);
  });

  it('should not wait for S3 for ever', async () => {
    const hurried = withKeys(S3_KEYS, IMPATIENT);
    const received = await hurried.receive(Buffer.from('x'), { maxBytes: 10 });
    for (const call of [
      () => hurried.put(KEY, received, 'image/png'),
      () => hurried.open(KEY),
      () => hurried.size(KEY),
      () => hurried.copy(KEY, 'a/b.png', 'image/png'),
      () => hurried.remove(KEY),
    ]) {
      s3.next(SILENT, SILENT, SILENT);
      await expect(call()).rejects.toThrow();
    }
    expect(s3.requests).toHaveLength(15);
    await received.discard();
  });

  it('should fail the reader of a file that S3 stops sending, or cuts', async () => {
    await store(assets, KEY, Buffer.alloc(MIB));
    s3.next({ kind: 'stall', after: 'head' });
    const stalled = await withKeys(S3_KEYS, { ...PATIENT, idleMs: 200 }).open(KEY);
    await expect(bytesOf(stalled!.stream)).rejects.toThrow();
    s3.next({ kind: 'cut' });
    const cut = await assets.open(KEY, { start: 0, end: 999_999 });
    await expect(bytesOf(cut!.stream)).rejects.toThrow();
  });

  it('should not pass a whole file off as a part', async () => {
    await store(assets, KEY, Buffer.from('0123456789'));
    s3.next({ kind: 'no-ranges' });
    await expect(assets.open(KEY, { start: 2, end: 3 })).rejects.toThrow('all of it for a part');
  });

  it('should copy inside S3', async () => {
    await store(assets, KEY, Buffer.from('x'));
    await assets.copy(KEY, 'digest/items/item_1.png', 'image/png');
    expect(methods()).toEqual(['PUT', 'PUT']);
    expect(s3.objects.get('made/here/digest/items/item_1.png')?.contentType).toBe('image/png');
  });

  it('should let nobody else read what is received, and sweep what dead processes left', async () => {
    const [old, foreign] = ['genquota-old.part', 'others-old.part'].map((name) =>
      join(tmpdir(), name),
    ) as [string, string];
    const twoHoursAgo = new Date(Date.now() - 2 * 60 * 60 * 1000);
    for (const path of [old, foreign]) {
      await writeFile(path, 'half');
      await utimes(path, twoHoursAgo, twoHoursAgo);
    }
    const received = await assets.receive(Buffer.from('x'), { maxBytes: 10 });
    expect((await stat(received.path)).mode & 0o777).toBe(0o600);
    expect(await receivedNow()).not.toContain('genquota-old.part');
    expect((await stat(foreign)).isFile()).toBe(true);
    await rm(foreign);
    await received.discard();
  });
});
