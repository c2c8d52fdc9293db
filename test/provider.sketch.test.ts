import type { Clock } from '../src/clock.js';
import { systemClock } from '../src/clock.js';
import type { Json } from '../src/domain/generation.js';
import type { Job, ProducedFile } from '../src/provider.js';
import { makeSketch } from '../src/provider/sketch.js';
import { providerContract } from './contract/provider.contract.js';
import { colours, decodePng, difference } from './decode-png.js';

type Settings = Record<string, Json> | null;

function jobOf(settings: Settings = null, rest: Partial<Job> = {}): Job {
  return {
    id: '0190f5d2-7c1e-7000-8000-000000000001',
    deadlineAt: Date.now() + 60_000,
    action: 'image.generate',
    prompt: 'a lighthouse at dawn',
    settings,
    inputs: [],
    outputCount: 2,
    ...rest,
  };
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

  async function drawn(job: Job): Promise<ProducedFile[]> {
    const outcome = await sketch.dispatch(job, new AbortController().signal);
    if (outcome.kind !== 'delivered') throw new Error(outcome.failure.message);
    return outcome.files;
  }

  it('should draw a picture that another decoder reads, of many colours', async () => {
    const [file] = await drawn(jobOf());
    const picture = decodePng(file!.bytes);
    expect([picture.width, picture.height]).toEqual([512, 512]);
    expect(colours(picture)).toBeGreaterThan(50);
  });

  it('should draw at the size asked for', async () => {
    const [file] = await drawn(jobOf({ size: '320x128' }, { outputCount: 1 }));
    const { width, height } = decodePng(file!.bytes);
    expect([width, height, file!.width, file!.height]).toEqual([320, 128, 320, 128]);
  });

  it('should draw the same again for the same prompt and seed', async () => {
    const [once, again] = [await drawn(jobOf()), await drawn(jobOf())];
    expect(again.map((file) => Buffer.from(file.bytes).toString('base64'))).toEqual(
      once.map((file) => Buffer.from(file.bytes).toString('base64')),
    );
  });

  it('should draw variations that plainly differ', async () => {
    const files = await drawn(jobOf({ size: '160x160' }, { outputCount: 8 }));
    const pictures = files.map((file) => decodePng(file.bytes));
    for (const [index, one] of pictures.entries()) {
      for (const other of pictures.slice(index + 1)) {
        expect(difference(one, other)).toBeGreaterThan(0.15);
      }
    }
  });

  it('should draw something else for another prompt, and for another seed', async () => {
    const [base] = await drawn(jobOf(SMALL));
    const [prompt] = await drawn(jobOf(SMALL, { prompt: 'a red fox' }));
    const [seed] = await drawn(jobOf({ ...SMALL, sketch: { seed: 7 } }));
    for (const other of [prompt, seed]) {
      expect(difference(decodePng(base!.bytes), decodePng(other!.bytes))).toBeGreaterThan(0.15);
    }
  });

  it('should draw without a prompt', async () => {
    expect(await drawn(jobOf(null, { prompt: null }))).toHaveLength(2);
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
    [{ size: null, sketch: { outcome: 'hang', delayMs: 0, seed: -3 } }],
  ])('should find nothing wrong with %j', (settings) => {
    expect(sketch.check?.(jobOf(settings))).toBeNull();
  });
});
