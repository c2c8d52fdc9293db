import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { TooLarge, type Assets, type ByteRange, type Content } from '../../src/assets.js';

export interface AssetsHarness {
  assets: Assets;
  dispose(): Promise<void>;
}

/** Names of the files that are received and not discarded yet, also of other stores on this machine. */
export type ReceivedNow = () => Promise<string[]>;

const MIB = 2 ** 20;
const ROOMY = { maxBytes: 64 * MIB };

export async function bytesOf(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Receives, puts and discards. */
export async function store(assets: Assets, key: string, content: Content): Promise<void> {
  const received = await assets.receive(content, ROOMY);
  await assets.put(key, received, 'image/png').finally(() => received.discard());
}

export function assetsContract(
  name: string,
  start: () => Promise<AssetsHarness & { receivedNow: ReceivedNow }>,
): void {
  let harness: Awaited<ReturnType<typeof start>>;
  const key = 'a1b2c3/0190f5d2-7c1e-7000-8000-000000000001/0.png';
  const put = (to: string, content: Content): Promise<void> => store(harness.assets, to, content);
  const read = async (of: string, range?: ByteRange): Promise<Buffer | null> => {
    const file = await harness.assets.open(of, range);
    return file && bytesOf(file.stream);
  };

  describe(`${name}, as every asset store`, () => {
    beforeEach(async () => {
      harness = await start();
    });
    afterEach(() => harness.dispose());

    describe('receiving', receiving);
    describe('keeping', keeping);
    describe('keys', keys);
  });

  function receiving(): void {
    it('should receive bytes, count them and take their SHA-256', async () => {
      const bytes = randomBytes(3 * MIB + 5);
      const received = await harness.assets.receive(bytes, ROOMY);
      expect(readFileSync(received.path).equals(bytes)).toBe(true);
      expect(received).toMatchObject({
        bytes: bytes.length,
        sha256: createHash('sha256').update(bytes).digest('hex'),
      });
      await received.discard();
    });

    it('should receive a stream, and nothing', async () => {
      const received = await harness.assets.receive(inPieces('one', '', 'two'), ROOMY);
      expect(readFileSync(received.path, 'utf8')).toBe('onetwo');
      expect(received.bytes).toBe(6);
      await received.discard();
      const empty = await harness.assets.receive(inPieces(), ROOMY);
      expect(empty.bytes).toBe(0);
      await empty.discard();
    });

    it('should keep a received file until it is discarded, however often', async () => {
      const received = await harness.assets.receive(Buffer.from('x'), ROOMY);
      await harness.assets.put(key, received, 'image/png');
      await harness.assets.put(key, received, 'image/png');
      await harness.assets.put(key.replace('0.png', '1.png'), received, 'image/png');
      expect(existsSync(received.path)).toBe(true);
      await received.discard();
      await received.discard();
      expect(existsSync(received.path)).toBe(false);
      expect(String(await read(key))).toBe('x');
    });

    it('should take exactly what is allowed', async () => {
      const received = await harness.assets.receive(inPieces('12345'), { maxBytes: 5 });
      expect(received.bytes).toBe(5);
      await received.discard();
    });

    it('should stop at the first byte too many and leave nothing behind', async () => {
      const before = await harness.receivedNow();
      let given = 0;
      let ended = false;
      async function* endless(): AsyncGenerator<Buffer> {
        try {
          for (;;) {
            given += 1;
            yield Buffer.alloc(1_000);
            await Promise.resolve();
          }
        } finally {
          ended = true;
        }
      }
      const refused = harness.assets.receive(endless(), { maxBytes: 2_500 });
      await expect(refused).rejects.toThrow(TooLarge);
      await expect(refused).rejects.toMatchObject({ maxBytes: 2_500 });
      expect([given, ended]).toEqual([3, true]);
      const much = harness.assets.receive(Buffer.alloc(2_501), { maxBytes: 2_500 });
      await expect(much).rejects.toThrow(TooLarge);
      expect(await harness.receivedNow()).toEqual(before);
    });

    it('should pass on what goes wrong with the content and leave nothing behind', async () => {
      const before = await harness.receivedNow();
      async function* broken(): AsyncGenerator<Buffer> {
        yield Buffer.from('begin');
        await Promise.resolve();
        throw new Error('the source broke');
      }
      await expect(harness.assets.receive(broken(), ROOMY)).rejects.toThrow('the source broke');
      expect(await harness.receivedNow()).toEqual(before);
    });

    it('should stop when the content itself makes the signal abort', async () => {
      const stop = new AbortController();
      async function* ending(): AsyncGenerator<Buffer> {
        yield Buffer.from('begin');
        stop.abort('ended');
        await new Promise(() => undefined);
      }
      const limits = { ...ROOMY, signal: stop.signal };
      await expect(harness.assets.receive(ending(), limits)).rejects.toBe('ended');
    });

    it('should stop at once when the signal aborts, also while nothing comes', async () => {
      const before = await harness.receivedNow();
      const stop = new AbortController();
      async function* hanging(): AsyncGenerator<Buffer> {
        yield Buffer.from('begin');
        setImmediate(() => {
          stop.abort('deadline');
        });
        await new Promise(() => undefined);
      }
      const limits = { ...ROOMY, signal: stop.signal };
      await expect(harness.assets.receive(hanging(), limits)).rejects.toBe('deadline');
      await expect(harness.assets.receive(Buffer.from('x'), limits)).rejects.toBe('deadline');
      expect(await harness.receivedNow()).toEqual(before);
    });
  }

  function keeping(): void {
    it('should give back the bytes it was given, with their number', async () => {
      const bytes = randomBytes(3 * MIB);
      await put(key, bytes);
      const file = await harness.assets.open(key);
      expect(file?.bytes).toBe(bytes.length);
      expect((await bytesOf(file!.stream)).equals(bytes)).toBe(true);
      expect(await harness.assets.size(key)).toBe(bytes.length);
    });

    it.each([
      [0, 0],
      [0, 9],
      [3, 6],
      [9, 9],
    ])('should give back the bytes %i to %i alone', async (start, end) => {
      await put(key, Buffer.from('0123456789'));
      const file = await harness.assets.open(key, { start, end });
      expect(file?.bytes).toBe(10);
      expect(String(await bytesOf(file!.stream))).toBe('0123456789'.slice(start, end + 1));
    });

    it('should keep keys apart', async () => {
      const other = key.replace('0.png', '1.png');
      await put(key, Buffer.from('one'));
      await put(other, Buffer.from('two'));
      expect(String(await read(key))).toBe('one');
      expect(String(await read(other))).toBe('two');
    });

    it('should keep an empty file', async () => {
      await put(key, new Uint8Array());
      expect(await read(key)).toHaveLength(0);
      expect(await harness.assets.size(key)).toBe(0);
    });

    it('should answer null for what it does not have', async () => {
      const other = key.replace('0.png', '7.png');
      for (const absent of [key, other]) {
        expect(await harness.assets.open(absent)).toBeNull();
        expect(await harness.assets.open(absent, { start: 0, end: 1 })).toBeNull();
        expect(await harness.assets.size(absent)).toBeNull();
        await put(key.replace('0.png', '1.png'), Buffer.from('x'));
      }
    });

    it('should replace a file that is put again', async () => {
      await put(key, Buffer.from('a long first one'));
      await put(key, Buffer.from('second'));
      expect(String(await read(key))).toBe('second');
    });

    it('should copy a file, which then lives by itself', async () => {
      const saved = 'a1b2c3/items/item_1.png';
      await put(key, Buffer.from('x'));
      expect(await harness.assets.copy(key, saved, 'image/png')).toBe(true);
      await put(key, Buffer.from('another'));
      expect(String(await read(saved))).toBe('x');
      expect(await harness.assets.copy(key, saved, 'image/png')).toBe(true);
      await harness.assets.remove(key);
      expect(String(await read(saved))).toBe('another');
    });

    it('should copy nothing from where nothing is, and a file onto itself', async () => {
      expect(await harness.assets.copy(key, 'a/b.png', 'image/png')).toBe(false);
      expect(await read('a/b.png')).toBeNull();
      await put(key, Buffer.from('x'));
      expect(await harness.assets.copy(key, key, 'image/png')).toBe(true);
      expect(String(await read(key))).toBe('x');
    });

    it('should remove a file, and removing it again is no error', async () => {
      await put(key, Buffer.from('x'));
      await harness.assets.remove(key);
      expect(await harness.assets.open(key)).toBeNull();
      await harness.assets.remove(key);
    });

    it('should never show a reader a half written file', async () => {
      const versions = [Buffer.alloc(MIB, 'a'), Buffer.alloc(MIB, 'b')];
      await put(key, versions[0]!);
      const writer = (async () => {
        for (let round = 0; round < 8; round += 1) await put(key, versions[round % 2]!);
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
      await Promise.all(whole.map((bytes) => put(key, bytes)));
      const seen = await read(key);
      expect(whole.some((bytes) => seen?.equals(bytes))).toBe(true);
    });

    it('should survive a key put and removed at once, again and again', async () => {
      const other = key.replace('0.png', '1.png');
      for (let round = 0; round < 30; round += 1) {
        await put(other, Buffer.from('x'));
        await Promise.all([put(key, Buffer.from('stays')), harness.assets.remove(other)]);
        expect(String(await read(key))).toBe('stays');
        await harness.assets.remove(key);
      }
    });
  }

  function keys(): void {
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
      'incoming/b.png',
      '',
    ])('should refuse the key %j', async (bad) => {
      const { assets } = harness;
      const received = await assets.receive(Buffer.from('x'), ROOMY);
      await expect(assets.put(bad, received, 'image/png')).rejects.toThrow('asset key');
      await expect(assets.open(bad)).rejects.toThrow('asset key');
      await expect(assets.size(bad)).rejects.toThrow('asset key');
      await expect(assets.copy(bad, key, 'image/png')).rejects.toThrow('asset key');
      await expect(assets.copy(key, bad, 'image/png')).rejects.toThrow('asset key');
      await expect(assets.remove(bad)).rejects.toThrow('asset key');
      await received.discard();
    });
  }
}

async function* inPieces(...pieces: string[]): AsyncGenerator<Buffer> {
  for (const piece of pieces) yield Promise.resolve(Buffer.from(piece));
}
