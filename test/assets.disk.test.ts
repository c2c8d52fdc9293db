import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { makeFlydriveAssets } from '../src/assets/flydrive.js';
import { assetsContract } from './contract/assets.contract.js';

const KEY = 'digest/generation/0.png';

async function scratch(): Promise<{ dir: string; url: string; dispose: () => Promise<void> }> {
  const parent = await mkdtemp(join(tmpdir(), 'genquota-assets-'));
  const dir = join(parent, 'not yet', 'outputs');
  const dispose = (): Promise<void> => rm(parent, { recursive: true, force: true });
  return { dir, url: pathToFileURL(dir).href, dispose };
}

assetsContract('the disk', async () => {
  const { url, dispose } = await scratch();
  return { assets: makeFlydriveAssets({ url }), dispose };
});

describe('makeFlydriveAssets', () => {
  it('should leave the file at its key and nothing else behind', async () => {
    const { dir, url, dispose } = await scratch();
    const assets = makeFlydriveAssets({ url });
    await assets.put(KEY, Buffer.from('x'), 'image/png');
    await assets.put(KEY, Buffer.from('y'), 'image/png');
    expect((await readdir(dir, { recursive: true })).sort()).toEqual([
      'digest',
      'digest/generation',
      'digest/generation/0.png',
      'incoming',
    ]);
    await dispose();
  });

  it('should leave no part behind when a put fails, and reject', async () => {
    const { dir, url, dispose } = await scratch();
    await mkdir(join(dir, KEY, 'in the way'), { recursive: true });
    const assets = makeFlydriveAssets({ url });
    await expect(assets.put(KEY, Buffer.from('x'), 'image/png')).rejects.toThrow();
    expect(await readdir(join(dir, 'incoming'))).toEqual([]);
    await dispose();
  });

  it('should sweep what a process that died has left half written, and no more', async () => {
    const { dir, url, dispose } = await scratch();
    const incoming = join(dir, 'incoming');
    await mkdir(incoming, { recursive: true });
    await writeFile(join(incoming, 'old.part'), 'half');
    await writeFile(join(incoming, 'fresh.part'), 'half');
    const twoHoursAgo = new Date(Date.now() - 2 * 60 * 60 * 1000);
    await utimes(join(incoming, 'old.part'), twoHoursAgo, twoHoursAgo);
    await makeFlydriveAssets({ url }).put(KEY, Buffer.from('x'), 'image/png');
    expect(await readdir(incoming)).toEqual(['fresh.part']);
    await dispose();
  });

  it('should share its directory with another process', async () => {
    const { url, dispose } = await scratch();
    await makeFlydriveAssets({ url }).put(KEY, Buffer.from('x'), 'image/png');
    expect(await makeFlydriveAssets({ url }).open(KEY)).not.toBeNull();
    await dispose();
  });

  it.each(['s3://bucket/outputs', 'outputs', 'https://host/outputs', 'file://host/outputs', ''])(
    'should refuse %j and name what is supported',
    (url) => {
      expect(() => makeFlydriveAssets({ url })).toThrow(/OUTPUTS_URL .*file:\/\/\//);
    },
  );
});
