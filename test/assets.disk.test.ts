import { chmod, mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Assets } from '../src/assets.js';
import { makeAssets } from '../src/assets/by-url.js';
import { assetsContract, bytesOf, store } from './contract/assets.contract.js';

const KEY = 'digest/generation/0.png';

interface Scratch {
  dir: string;
  open: () => Assets;
  dispose: () => Promise<void>;
}

async function scratch(): Promise<Scratch> {
  const parent = await mkdtemp(join(tmpdir(), 'assets-'));
  const dir = join(parent, 'not yet', 'outputs');
  return {
    dir,
    open: () => makeAssets({ url: pathToFileURL(dir).href, s3: null }),
    dispose: () => rm(parent, { recursive: true, force: true }),
  };
}

async function filesIn(dir: string): Promise<string[]> {
  return (await readdir(dir, { recursive: true })).sort();
}

assetsContract('the disk', async () => {
  const { dir, open, dispose } = await scratch();
  const incoming = join(dir, 'incoming');
  const receivedNow = (): Promise<string[]> => readdir(incoming).catch(() => []);
  return { assets: open(), receivedNow, dispose };
});

describe('assets on disk', () => {
  let dir: string;
  let open: Scratch['open'];
  let dispose: Scratch['dispose'];
  beforeEach(async () => {
    ({ dir, open, dispose } = await scratch());
  });
  afterEach(() => dispose());

  it('should leave the file at its key and nothing else behind', async () => {
    const assets = open();
    await store(assets, KEY, Buffer.from('x'));
    await store(assets, KEY, Buffer.from('y'));
    await assets.copy(KEY, KEY, 'image/png');
    await assets.copy('digest/generation/9.png', KEY, 'image/png');
    expect(await filesIn(dir)).toEqual([
      'digest',
      'digest/generation',
      'digest/generation/0.png',
      'incoming',
    ]);
  });

  it('should remove directories with their last file, and no others', async () => {
    const assets = open();
    await store(assets, KEY, Buffer.from('x'));
    await store(assets, 'digest/other/0.png', Buffer.from('x'));
    await assets.remove(KEY);
    expect(await filesIn(dir)).toEqual([
      'digest',
      'digest/other',
      'digest/other/0.png',
      'incoming',
    ]);
    await assets.remove('digest/other/0.png');
    expect(await filesIn(dir)).toEqual(['incoming']);
  });

  it('should put a received file without writing its bytes again', async () => {
    const assets = open();
    const received = await assets.receive(Buffer.from('x'), { maxBytes: 10 });
    await assets.put(KEY, received, 'image/png');
    expect((await stat(join(dir, KEY))).ino).toBe((await stat(received.path)).ino);
    await received.discard();
  });

  it('should leave no part behind when a put fails, and reject', async () => {
    await mkdir(join(dir, KEY, 'in the way'), { recursive: true });
    await expect(store(open(), KEY, Buffer.from('x'))).rejects.toThrow();
    expect(await readdir(join(dir, 'incoming'))).toEqual([]);
  });

  it('should reject a put of what was discarded, and leave nothing', async () => {
    const assets = open();
    const received = await assets.receive(Buffer.from('x'), { maxBytes: 10 });
    await received.discard();
    await expect(assets.put(KEY, received, 'image/png')).rejects.toThrow('ENOENT');
    expect(await filesIn(dir)).toEqual(['incoming']);
  });

  it('should sweep what a process that died has left half written, and no more', async () => {
    const incoming = join(dir, 'incoming');
    await mkdir(incoming, { recursive: true });
    const twoHoursAgo = new Date(Date.now() - 2 * 60 * 60 * 1000);
    for (const name of ['old.part', 'old.txt', 'fresh.part']) {
      await writeFile(join(incoming, name), 'half');
      if (name.startsWith('old')) await utimes(join(incoming, name), twoHoursAgo, twoHoursAgo);
    }
    await store(open(), KEY, Buffer.from('x'));
    expect((await readdir(incoming)).sort()).toEqual(['fresh.part', 'old.txt']);
  });

  it('should share its directory with another process', async () => {
    await store(open(), KEY, Buffer.from('x'));
    const file = await open().open(KEY);
    expect(String(await bytesOf(file!.stream))).toBe('x');
  });

  it('should go on reading what was opened when the file is replaced or removed', async () => {
    const assets = open();
    await store(assets, KEY, Buffer.alloc(1_000_000, 'a'));
    const [first, second] = [await assets.open(KEY), await assets.open(KEY)];
    await store(assets, KEY, Buffer.from('short'));
    expect((await bytesOf(first!.stream)).equals(Buffer.alloc(1_000_000, 'a'))).toBe(true);
    await assets.remove(KEY);
    expect(await bytesOf(second!.stream)).toHaveLength(1_000_000);
  });

  it('should tell what is wrong with its directory', async () => {
    await mkdir(join(dir, '..'), { recursive: true });
    await writeFile(dir, 'a file');
    await expect(store(open(), KEY, Buffer.from('x'))).rejects.toThrow(/ENOTDIR|EEXIST/);
    await chmod(dir, 0o600);
  });
});

describe('makeAssets', () => {
  it.each([
    'outputs',
    'https://host/outputs',
    'file://host/outputs',
    '',
    's3://',
    's3://B',
    's3://bucket:9000/x',
    's3://key:secret@bucket/x',
    's3://bucket/a b',
    's3://bucket/../x%2e',
    's3://bucket?colour=red',
    's3://bucket?endpoint=host:9000',
    's3://bucket?endpoint=https://key:secret@host',
    's3://bucket?region=eu_1',
    's3://bucket#x',
  ])('should refuse %j and name what is supported', (url) => {
    expect(() => makeAssets({ url, s3: null })).toThrow(/OUTPUTS_URL .*file:\/\/\/.*s3:\/\//);
  });

  it.each([
    's3://bucket',
    's3://bucket/',
    's3://bucket/a/b',
    's3://b.c-d?endpoint=http://h:9000/s3',
  ])('should take %j', (url) => {
    expect(makeAssets({ url, s3: null })).toHaveProperty('put');
  });
});
