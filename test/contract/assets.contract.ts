import { randomBytes } from 'node:crypto';
import type { Assets } from '../../src/assets.js';

export interface AssetsHarness {
  assets: Assets;
  dispose(): Promise<void>;
}

async function bytesOf(stream: NodeJS.ReadableStream | null): Promise<Buffer | null> {
  if (!stream) return null;
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

export function assetsContract(name: string, start: () => Promise<AssetsHarness>): void {
  describe(`${name}, as every asset store`, () => {
    let harness: AssetsHarness;
    const key = 'a1b2c3/0190f5d2-7c1e-7000-8000-000000000001/0.png';
    const read = async (of: string): Promise<Buffer | null> =>
      bytesOf(await harness.assets.open(of));
    beforeEach(async () => {
      harness = await start();
    });
    afterEach(() => harness.dispose());

    it('should give back the bytes it was given', async () => {
      const bytes = randomBytes(300_000);
      await harness.assets.put(key, bytes, 'image/png');
      expect((await read(key))?.equals(bytes)).toBe(true);
    });

    it('should keep keys apart', async () => {
      const other = key.replace('0.png', '1.png');
      await harness.assets.put(key, Buffer.from('one'), 'image/png');
      await harness.assets.put(other, Buffer.from('two'), 'image/png');
      expect(String(await read(key))).toBe('one');
      expect(String(await read(other))).toBe('two');
    });

    it('should keep an empty file', async () => {
      await harness.assets.put(key, new Uint8Array(), 'image/png');
      expect(await read(key)).toHaveLength(0);
    });

    it('should answer null for what it does not have', async () => {
      expect(await harness.assets.open(key)).toBeNull();
      await harness.assets.put(key, Buffer.from('x'), 'image/png');
      expect(await harness.assets.open(key.replace('0.png', '7.png'))).toBeNull();
    });

    it('should replace a file that is put again', async () => {
      await harness.assets.put(key, Buffer.from('a long first one'), 'image/png');
      await harness.assets.put(key, Buffer.from('second'), 'image/png');
      expect(String(await read(key))).toBe('second');
    });

    it('should remove a file, and removing it again is no error', async () => {
      await harness.assets.put(key, Buffer.from('x'), 'image/png');
      await harness.assets.remove(key);
      expect(await harness.assets.open(key)).toBeNull();
      await harness.assets.remove(key);
    });

    it('should never show a reader a half written file', async () => {
      const versions = [Buffer.alloc(4_000_000, 'a'), Buffer.alloc(4_000_000, 'b')];
      await harness.assets.put(key, versions[0]!, 'image/png');
      const writer = (async () => {
        for (let round = 0; round < 12; round += 1) {
          await harness.assets.put(key, versions[round % 2]!, 'image/png');
        }
        return 'written' as const;
      })();
      let reads = 0;
      let seen: Buffer | 'written' | null = null;
      while ((seen = await Promise.race([writer, read(key)])) !== 'written') {
        expect(versions.some((version) => (seen as Buffer | null)?.equals(version))).toBe(true);
        reads += 1;
      }
      expect(reads).toBeGreaterThan(3);
    });

    it('should survive the same key put at once by several', async () => {
      const whole = Array.from({ length: 8 }, (_, index) => Buffer.alloc(500_000, `${index}`));
      await Promise.all(whole.map((bytes) => harness.assets.put(key, bytes, 'image/png')));
      const seen = await read(key);
      expect(whole.some((bytes) => seen?.equals(bytes))).toBe(true);
    });

    it.each([
      '../outside/0.png',
      'a/../../outside.png',
      '/etc/passwd',
      'a\\..\\b.png',
      'a/b',
      'plain.png',
      'a//b.png',
      './a/b.png',
      'a/b.png/c.png',
      'a/%2e%2e/b.png',
      'a/b\0.png',
      'a /b.png',
      '',
    ])('should refuse the key %j', async (bad) => {
      const { assets } = harness;
      await expect(assets.put(bad, Buffer.from('x'), 'image/png')).rejects.toThrow('asset key');
      await expect((async () => assets.open(bad))()).rejects.toThrow('asset key');
      await expect((async () => assets.remove(bad))()).rejects.toThrow('asset key');
    });
  });
}
