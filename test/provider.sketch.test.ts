import type { Clock } from '../src/clock.js';
import { systemClock } from '../src/clock.js';
import type { Json } from '../src/domain/generation.js';
import type { Job } from '../src/provider.js';
import { makeSketch } from '../src/provider/sketch.js';
import { providerContract } from './contract/provider.contract.js';
import { aJob, aSource, deliveredBy, digestsOf } from './contract/provider.samples.js';
import { colours, decodePng, difference } from './decode-png.js';
import { sizeOfJpeg } from './decoders/jpeg.js';
import { decodeWebp } from './decoders/webp.js';

type Settings = Record<string, Json> | null;

function jobOf(settings: Settings = null, rest: Partial<Job> = {}): Job {
  return aJob({ settings, outputCount: 2, ...rest });
}

const SMALL = { size: '160x160' };

const ENDINGS = {
  deliver: 'succeed',
  'deliver some': 'partial',
  fail: 'fail',
  block: 'block',
  hang: 'hang',
};

providerContract('sketch', () =>
  Promise.resolve({
    provider: makeSketch({ clock: systemClock }),
    job: (ending) => jobOf({ sketch: { outcome: ENDINGS[ending] } }),
    dispose: () => Promise.resolve(),
  }),
);

describe('makeSketch', () => {
  const sketch = makeSketch({ clock: systemClock });
  const drawn = (job: Job): Promise<Buffer[]> => deliveredBy(sketch, job);

  it('should draw a picture that another decoder reads, of many colours', async () => {
    const [file] = await drawn(jobOf());
    const picture = decodePng(file!);
    expect([picture.width, picture.height]).toEqual([512, 512]);
    expect(colours(picture)).toBeGreaterThan(50);
  });

  it.each(['320x128', '1792x64', '64x1792'])(
    'should draw at the size asked for, %s',
    async (size) => {
      const [file] = await drawn(jobOf({ size }, { outputCount: 1 }));
      const { width, height } = decodePng(file!);
      expect(`${width}x${height}`).toBe(size);
    },
  );

  it('should draw in the format asked for', async () => {
    const of = async (format: string): Promise<Buffer> =>
      (await drawn(jobOf({ size: '320x128', format }, { outputCount: 1 })))[0]!;
    const png = decodePng(await of('png'));
    const webp = await decodeWebp(await of('webp'));
    expect([webp.width, webp.height, webp.frames.length]).toEqual([320, 128, 1]);
    // The same picture, but for what the format loses.
    expect(difference(png, webp.frames[0]!, 24)).toBeLessThan(0.02);
    expect(sizeOfJpeg(await of('jpeg'))).toEqual({ width: 320, height: 128 });
  });

  it('should draw the same again for the same prompt, seed and inputs', async () => {
    const [photo] = await drawn(jobOf(SMALL, { prompt: 'a red fox', outputCount: 1 }));
    for (const sources of [[], [aSource(photo!)]]) {
      const [once, again] = [
        await drawn(jobOf(null, { sources })),
        await drawn(jobOf(null, { sources })),
      ];
      expect(digestsOf(again)).toEqual(digestsOf(once));
    }
  });

  it('should draw variations that plainly differ', async () => {
    const files = await drawn(jobOf({ size: '160x160' }, { outputCount: 8 }));
    const pictures = files.map((file) => decodePng(file));
    for (const [index, one] of pictures.entries()) {
      for (const other of pictures.slice(index + 1)) {
        expect(difference(one, other)).toBeGreaterThan(0.15);
      }
    }
  });

  it('should draw something else for another prompt, for another seed, and for a picture', async () => {
    const [base] = await drawn(jobOf(SMALL));
    const [prompt] = await drawn(jobOf(SMALL, { prompt: 'a red fox' }));
    const [seed] = await drawn(jobOf({ ...SMALL, sketch: { seed: 7 } }));
    const [tinted] = await drawn(jobOf(SMALL, { sources: [aSource(prompt!)] }));
    for (const other of [prompt, seed, tinted]) {
      expect(difference(decodePng(base!), decodePng(other!))).toBeGreaterThan(0.15);
    }
  });

  it('should take the colours of a picture', async () => {
    const pictureOf = async (prompt: string): Promise<Buffer> =>
      (await drawn(jobOf(SMALL, { prompt, outputCount: 1 })))[0]!;
    const [night, day] = [await pictureOf('a forest at night'), await pictureOf('a sunny beach')];
    const tintedBy = async (file: Buffer): Promise<number> => {
      const [tinted] = await drawn(jobOf(SMALL, { prompt: 'a road', sources: [aSource(file)] }));
      const { pixels } = decodePng(tinted!);
      return pixels.reduce((sum, value) => sum + value, 0) / pixels.length;
    };
    expect(await tintedBy(day)).toBeGreaterThan((await tintedBy(night)) + 40);
  });

  it('should draw without a prompt', async () => {
    expect(await drawn(jobOf(null, { prompt: null }))).toHaveLength(2);
  });

  it('should tell how far it is after each picture', async () => {
    const reported: number[] = [];
    const report = (share: number): unknown => reported.push(share);
    await drawn(jobOf(SMALL, { outputCount: 4, report }));
    expect(reported).toEqual([0.25, 0.5, 0.75, 1]);
  });

  it('should stop between two pictures when the signal aborts', async () => {
    const deadline = new AbortController();
    const reason = new Error('cancelled');
    let reports = 0;
    const report = (): void => {
      reports += 1;
      deadline.abort(reason);
    };
    const job = jobOf(SMALL, { outputCount: 8, report });
    await expect(sketch.dispatch(job, deadline.signal)).rejects.toBe(reason);
    expect(reports).toBe(1);
  });

  it.each([
    [1, 1],
    [2, 1],
    [3, 2],
    [8, 4],
  ])('should deliver of %i outputs, when partial, %i', async (outputCount, delivered) => {
    const settings = { size: '64x64', sketch: { outcome: 'partial' } };
    expect(await drawn(jobOf(settings, { outputCount }))).toHaveLength(delivered);
  });

  it.each(['succeed', 'fail', 'block'])('should wait for delayMs first, to %s', async (outcome) => {
    const waits: { delayMs: number; wake: () => void }[] = [];
    const clock: Clock = {
      now: () => 0,
      after: (delayMs, wake) => {
        waits.push({ delayMs, wake });
        return () => undefined;
      },
    };
    const job = jobOf({ size: '64x64', sketch: { outcome, delayMs: 600_000 } });
    let ended = false;
    const dispatched = makeSketch({ clock })
      .dispatch(job, new AbortController().signal)
      .finally(() => {
        ended = true;
      });
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(ended).toBe(false);
    expect(waits.map((wait) => wait.delayMs)).toEqual([600_000]);
    waits[0]!.wake();
    await dispatched;
  });

  it('should end at once when the signal aborts during the delay, and leave no timer', async () => {
    let cancelled = 0;
    const clock: Clock = {
      now: () => 0,
      after: () => () => {
        cancelled += 1;
      },
    };
    const deadline = new AbortController();
    const job = jobOf({ sketch: { delayMs: 1000 } });
    const dispatched = makeSketch({ clock }).dispatch(job, deadline.signal);
    const reason = new Error('cancelled');
    deadline.abort(reason);
    await expect(dispatched).rejects.toBe(reason);
    expect(cancelled).toBe(1);
  });

  it.each<[string, Settings]>([
    ['outcome', { sketch: { outcome: 'explode' } }],
    ['delayMs', { sketch: { delayMs: -1 } }],
    ['delayMs', { sketch: { delayMs: 600_001 } }],
    ['delayMs', { sketch: { delayMs: '100' } }],
    ['seed', { sketch: { seed: 1.5 } }],
    ['colour', { sketch: { colour: 'red' } }],
    ['object', { sketch: 'succeed' }],
    ['object', { sketch: [] }],
    ['size', { size: '2000x10' }],
    ['size', { size: 512 }],
    ['size', { size: '63x512' }],
    ['size', { size: '512x1793' }],
    ['format', { format: 'gif' }],
    ['format', { format: 7 }],
  ])('should name %s as what is wrong with %j', async (what, settings) => {
    expect(sketch.check?.(jobOf(settings))).toMatch(what);
    const outcome = await sketch.dispatch(jobOf(settings), new AbortController().signal);
    expect(outcome).toMatchObject({
      kind: 'failed',
      failure: {
        code: 'PROVIDER_FAILED',
        retryable: false,
        message: expect.stringMatching(what) as string,
      },
    });
  });

  it.each<[Settings]>([
    [null],
    [{}],
    [{ style: 'watercolour', sketch: {} }],
    [{ size: 'auto', format: null, quality: 'high', durationMs: 'as it likes' }],
    [{ size: null, sketch: { outcome: 'hang', delayMs: 0, seed: -3 } }],
  ])('should find nothing wrong with %j', (settings) => {
    expect(sketch.check?.(jobOf(settings))).toBeNull();
  });

  it.each<[string, Partial<Job>]>([
    [
      'inputs[0] is audio/wav',
      { sources: [aSource(Buffer.from('RIFF'), { kind: 'audio', contentType: 'audio/wav' })] },
    ],
    [
      'inputs[1] is video/mp4',
      {
        sources: [
          aSource(Buffer.from('png')),
          aSource(Buffer.from('mp4'), { contentType: 'video/mp4' }),
        ],
      },
    ],
    [
      'inputs[0] has more than the 64 MiB',
      { sources: [aSource(Buffer.from('png'), { bytes: 2 ** 26 + 1 })] },
    ],
    ['builtin', { action: 'prompt.enhance', kind: 'prompt' }],
  ])('should say beforehand: %s', (words, rest) => {
    expect(sketch.check?.(jobOf(null, rest))).toContain(words);
  });

  it.each<[string, Buffer]>([
    ['no picture', Buffer.from('hello')],
    ['one that is cut', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')],
    ['nothing', Buffer.alloc(0)],
  ])('should fail in words, for good, when an input is %s', async (_what, bytes) => {
    for (const action of ['image.generate', 'image.edit']) {
      const job = jobOf(SMALL, { action, sources: [aSource(bytes)] });
      expect(await sketch.dispatch(job, new AbortController().signal)).toMatchObject({
        kind: 'failed',
        failure: { retryable: false, message: expect.stringMatching(/cannot be read/) as string },
      });
    }
  });

  it('should not hide that an input cannot be fetched', async () => {
    const read = (): Promise<Buffer> => Promise.reject(new Error('the store is away'));
    const job = jobOf(SMALL, { sources: [aSource(Buffer.from('x'), { read })] });
    await expect(sketch.dispatch(job, new AbortController().signal)).rejects.toThrow('away');
  });
});
