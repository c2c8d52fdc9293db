import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { extensionOf } from '../src/domain/media-type.js';
import type { MediaFacts } from '../src/media.js';
import { makeMedia } from '../src/media/media.js';
import { ENDLESS_SIZES, flac, mp3, mp4, ogg, wav, webm } from './decoders/containers.js';
import { decodeWebp } from './decoders/webp.js';

const media = makeMedia();
const silent = { width: null, height: null };
const still = { durationMs: null };
const words = { ...silent, ...still };

let folder: string;
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'genquota-media-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A file without an extension: nothing but its bytes says what it is. */
async function fileOf(content: Uint8Array | string): Promise<string> {
  const path = join(folder, `file-${(files += 1)}`);
  await writeFile(path, content);
  return path;
}

const anything = () => true;

async function inspect(content: Uint8Array | string): Promise<MediaFacts | null> {
  return media.inspect(await fileOf(content), anything);
}

/** Colours that differ everywhere, so that nothing of it can be left out unnoticed. */
function drawing(width: number, height: number): ReturnType<typeof sharp> {
  const shades = Array.from({ length: width * height * 3 }, (_, at) => (at * 7919) % 251);
  return sharp(Buffer.from(shades), { raw: { width, height, channels: 3 } });
}

function animation(format: 'webp' | 'gif', delays: number[]): Promise<Buffer> {
  const [width, height] = [24, 16];
  const data = Buffer.from(
    Array.from({ length: width * height * 3 * delays.length }, (_, at) => (at * 31) % 256),
  );
  const raw = { width, height: height * delays.length, channels: 3, pageHeight: height } as const;
  const frames = sharp(data, { raw });
  return (
    format === 'webp' ? frames.webp({ delay: delays }) : frames.gif({ delay: delays })
  ).toBuffer();
}

describe('makeMedia, inspecting', () => {
  it.each<[string, () => Promise<Buffer>]>([
    ['image/png', () => drawing(40, 30).png().toBuffer()],
    ['image/jpeg', () => drawing(40, 30).jpeg().toBuffer()],
    ['image/webp', () => drawing(40, 30).webp().toBuffer()],
    ['image/avif', () => drawing(40, 30).avif().toBuffer()],
    ['image/gif', () => drawing(40, 30).gif().toBuffer()],
  ])('should tell %s and its size', async (contentType, make) => {
    expect(await inspect(await make())).toEqual({ contentType, width: 40, height: 30, ...still });
  });

  it('should tell the size of a picture as it is shown, not as it lies in the file', async () => {
    const turned = await drawing(40, 30).jpeg().withMetadata({ orientation: 6 }).toBuffer();
    expect(await inspect(turned)).toMatchObject({ width: 30, height: 40 });
  });

  it.each(['webp', 'gif'] as const)('should tell how long an animated %s takes', async (format) => {
    expect(await inspect(await animation(format, [100, 250, 150]))).toEqual({
      contentType: `image/${format}`,
      width: 24,
      height: 16,
      durationMs: 500,
    });
  });

  it.each<[string, Buffer, Partial<MediaFacts>]>([
    [
      'video/mp4',
      mp4({ size: { width: 640, height: 360 }, seconds: 3 }),
      { width: 640, height: 360, durationMs: 3000 },
    ],
    [
      'video/webm',
      webm({ width: 320, height: 180 }, 5),
      { width: 320, height: 180, durationMs: 5000 },
    ],
    ['audio/mp4', mp4({ size: null, seconds: 4 }), { ...silent, durationMs: 4000 }],
    // 100 frames of 1,152 samples at 44,100 Hz.
    ['audio/mpeg', mp3(100), { ...silent, durationMs: 2612 }],
    ['audio/ogg', ogg(3), { ...silent, durationMs: 3000 }],
    // 20 frames of 4,096 samples at 44,100 Hz.
    ['audio/flac', flac(20), { ...silent, durationMs: 1858 }],
    ['audio/wav', wav(8000, [Array<number>(4000).fill(0.5)]), { ...silent, durationMs: 500 }],
  ])('should tell %s, its size and duration', async (contentType, bytes, facts) => {
    expect(await inspect(bytes)).toEqual({ contentType, ...facts });
  });

  it('should tell the size of a film that was taken with the camera turned', async () => {
    const turned = mp4({ size: { width: 640, height: 360 }, seconds: 3, isTurned: true });
    expect(await inspect(turned)).toMatchObject({ width: 360, height: 640 });
  });

  it.each<[string, string, string]>([
    ['text/plain', 'words', 'A lighthouse at dawn.\nSea < sky, "calm" & wide — 灯台 🌅'],
    ['text/plain', 'a prompt in angle brackets', '<lora:ink:0.8> a fox'],
    ['text/plain', 'a number', '42'],
    ['text/plain', 'braces that are no JSON', '{a fox|a hare} at dawn'],
    ['application/json', 'an object', '{"palette":["#102030"],"note":"<b>"}'],
    ['application/json', 'a list', ' [1, 2]\n'],
  ])('should take for %s %s', async (contentType, _what, text) => {
    expect(await inspect(text)).toEqual({ contentType, ...words });
  });

  it.each<[string, string | Buffer]>([
    ['nothing', ''],
    ['SVG', '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'],
    ['SVG after a comment', '<!-- hello -->\n<svg></svg>'],
    ['SVG after a declaration', '\ufeff  <?xml version="1.0"?><svg/>'],
    ['HTML', '<!DOCTYPE html><title>x</title>'],
    ['HTML after words', 'hello <script src="//example.com/x.js"></script>'],
    ['XML', '<rss version="2.0"></rss>'],
    ['PDF', '%PDF-1.7\n1 0 obj\n'],
    ['a shell script', '#!/bin/sh\nrm -rf /\n'],
    ['a ZIP file', Buffer.from('504b030414000000080000000000', 'hex')],
    ['a program', Buffer.from('7f454c4602010100000000000000', 'hex')],
    ['a Windows program', Buffer.from('4d5a90000300000004000000ffff', 'hex')],
    ['text in Latin-1', Buffer.from('caf\xe9', 'latin1')],
    ['text with control characters', 'a\u0000b'],
    ['a TIFF', Buffer.from('49492a0008000000', 'hex')],
    ['WebM with nothing to see', webm(null, 5)],
    ['a megabyte of JSON and one byte', `["${'x'.repeat(2 ** 20 - 3)}"]`],
  ])('should take %s for nothing that is stored', async (_what, content) => {
    expect(await inspect(content)).toBeNull();
  });

  it('should take a megabyte of JSON', async () => {
    const whole = `["${'x'.repeat(2 ** 20 - 4)}"]`;
    expect(await inspect(whole)).toMatchObject({ contentType: 'application/json' });
  });

  it('should not be taken in by the first bytes of a picture with something else behind', async () => {
    const png = await drawing(40, 30).png().toBuffer();
    const html = Buffer.from('<html><script>alert(1)</script></html>'.repeat(20));
    expect(await inspect(Buffer.concat([png.subarray(0, 16), html]))).toBeNull();
  });

  it.each<[string, () => Promise<Buffer> | Buffer]>([
    ['PNG', () => drawing(200, 200).png().toBuffer()],
    ['JPEG', () => drawing(200, 200).jpeg().toBuffer()],
    ['WebP', () => drawing(200, 200).webp().toBuffer()],
    ['animated WebP', () => animation('webp', [100, 100, 100])],
    ['MP4', () => mp4({ size: { width: 640, height: 360 }, seconds: 3 })],
    ['WebM', () => webm({ width: 320, height: 180 }, 5)],
    ['Ogg', () => ogg(3)],
    ['WAV', () => wav(8000, [Array<number>(4000).fill(0.5)])],
  ])('should not take a %s that was cut short', async (_what, make) => {
    const whole = await make();
    expect(await inspect(whole)).not.toBeNull();
    expect(await inspect(whole.subarray(0, Math.floor(whole.length * 0.7)))).toBeNull();
  });

  it('should bound what a small file may make of itself', async () => {
    // 66 million pixels in two megabytes; and a table of four billion samples in twenty bytes.
    const vast = await sharp({
      create: { width: 8_200, height: 8_000, channels: 3, background: 'red' },
    })
      .png({ compressionLevel: 1 })
      .toBuffer();
    expect(vast.length).toBeLessThan(2 * 2 ** 20);
    const endless = mp4({ size: { width: 64, height: 64 }, seconds: 1, sizes: ENDLESS_SIZES });
    const before = process.memoryUsage().rss;
    expect([await inspect(vast), await inspect(endless)]).toEqual([null, null]);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 2 ** 20);
  });

  it('should answer for many films at once', async () => {
    const path = await fileOf(webm({ width: 320, height: 180 }, 5));
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => media.inspect(path, anything)),
    );
    expect(answers.map((answer) => answer?.contentType)).toEqual(Array(6).fill('video/webm'));
  });

  it('should throw for a file that is not there', async () => {
    await expect(media.inspect(join(folder, 'absent'), anything)).rejects.toThrow('ENOENT');
  });
});

describe('makeMedia, given any bytes', () => {
  /** Bytes of a real file, some of them changed or gone. */
  const damaged = (samples: readonly Buffer[]): fc.Arbitrary<Buffer> =>
    fc
      .record({
        sample: fc.constantFrom(...samples),
        keep: fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true })),
        flips: fc.array(fc.tuple(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.nat(255)), {
          maxLength: 12,
        }),
        tail: fc.uint8Array({ maxLength: 40 }),
      })
      .map(({ sample, keep, flips, tail }) => {
        const bytes = Buffer.concat([sample.subarray(0, Math.ceil(sample.length * keep)), tail]);
        // Most of them early in the file, where it says what it is.
        for (const [place, value] of flips) bytes[Math.floor(place ** 3 * bytes.length)] = value;
        return bytes;
      });

  async function expectAnAnswer(bytes: Uint8Array): Promise<void> {
    const path = await fileOf(bytes);
    const facts = await media.inspect(path, anything);
    await rm(path);
    if (facts === null) return;
    expect(extensionOf(facts.contentType)).not.toBe('bin');
    for (const fact of [facts.width, facts.height, facts.durationMs]) {
      expect(fact === null || (Number.isInteger(fact) && fact >= 1)).toBe(true);
    }
  }

  it('should answer for garbage', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.string().map((text) => Buffer.from(text)),
    );
    await fc.assert(fc.asyncProperty(bytes, expectAnAnswer), { numRuns: 200 });
  });

  it('should answer for damaged pictures, recordings and words', async () => {
    const samples = await Promise.all([
      drawing(24, 16).png().toBuffer(),
      drawing(24, 16).png({ palette: true, progressive: true }).toBuffer(),
      drawing(24, 16).jpeg().toBuffer(),
      drawing(24, 16).webp({ lossless: true }).toBuffer(),
      drawing(24, 16).avif().toBuffer(),
      animation('webp', [100, 100]),
      animation('gif', [100, 100]),
    ]);
    samples.push(wav(8000, [[0, 0.5, -0.5, 0.1]]), Buffer.from('{"a":[1,2,{"b":"c"}]}'));
    await fc.assert(fc.asyncProperty(damaged(samples), expectAnAnswer), { numRuns: 500 });
  });

  it('should answer for damaged films', async () => {
    const samples = [
      mp4({ size: { width: 64, height: 48 }, seconds: 2 }),
      mp4({ size: null, seconds: 2 }),
      webm({ width: 64, height: 48 }, 2),
      ogg(1),
      mp3(5),
      flac(3),
    ];
    await fc.assert(fc.asyncProperty(damaged(samples), expectAnAnswer), { numRuns: 60 });
  });
});

describe('makeMedia, making thumbnails', () => {
  async function thumbnail(content: Uint8Array | string): Promise<Buffer | null> {
    const path = await fileOf(content);
    const facts = await media.inspect(path, anything);
    if (!facts) throw new Error('not inspected');
    const small = await media.thumbnail(path, facts);
    return small && Buffer.from(small);
  }

  it.each([
    [800, 400, 320, 160],
    [300, 900, 107, 320],
    [60, 40, 60, 40],
  ])('should fit %i × %i into %i × %i', async (width, height, ...size) => {
    const small = await thumbnail(await drawing(width, height).png().toBuffer());
    const { width: across, height: down } = await decodeWebp(small!);
    expect([across, down]).toEqual(size);
  });

  it('should show the first frame of an animation, and no more', async () => {
    const red = Buffer.alloc(16 * 16 * 3).fill('\xff\0\0', 'latin1');
    const blue = Buffer.alloc(16 * 16 * 3).fill('\0\0\xff', 'latin1');
    const raw = { width: 16, height: 32, channels: 3, pageHeight: 16 } as const;
    const gif = await sharp(Buffer.concat([red, blue]), { raw })
      .gif({ delay: [100, 100] })
      .toBuffer();
    const { frames } = await decodeWebp((await thumbnail(gif))!);
    expect(frames).toHaveLength(1);
    const [r, , b] = frames[0]!.pixels;
    expect([r! > 200, b! < 60]).toEqual([true, true]);
  });

  it('should turn it upright, and say nothing of where it was taken', async () => {
    const jpeg = await drawing(90, 60)
      .jpeg()
      .withMetadata({ orientation: 6, exif: { IFD0: { Artist: 'somebody' } } })
      .toBuffer();
    const small = (await thumbnail(jpeg))!;
    const { width, height, metadata } = await decodeWebp(small);
    expect([width, height]).toEqual([60, 90]);
    expect(metadata).toEqual([undefined, undefined, undefined]);
    expect(small.includes('somebody')).toBe(false);
  });

  it.each<[string, Buffer | string]>([
    ['a recording', wav(8000, [Array<number>(4000).fill(0.5)])],
    ['a film', webm({ width: 64, height: 48 }, 2)],
    ['words', 'a lighthouse'],
  ])('should have nothing to show of %s', async (_what, content) => {
    expect(await thumbnail(content)).toBeNull();
  });

  it('should have nothing to show of a picture that is broken', async () => {
    const path = await fileOf('not a picture');
    const facts = { contentType: 'image/png', width: 9, height: 9, durationMs: null };
    expect(await media.thumbnail(path, facts)).toBeNull();
  });
});
