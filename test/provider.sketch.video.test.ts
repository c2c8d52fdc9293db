import sharp from 'sharp';
import { systemClock } from '../src/clock.js';
import type { Job, Source } from '../src/provider.js';
import { makeSketch } from '../src/provider/sketch.js';
import { aJob, aSource, deliveredBy, digestsOf } from './contract/provider.samples.js';
import { colours, decodePng, difference } from './decode-png.js';
import type { Picture } from './decode-png.js';
import { decodeWebp } from './decoders/webp.js';

const sketch = makeSketch({ clock: systemClock });
const made = (rest: Partial<Job>): Promise<Buffer[]> => deliveredBy(sketch, aJob(rest));
const VIDEO: Partial<Job> = {
  action: 'video.generate',
  kind: 'video',
  prompt: 'a valley in the mist',
};
const EDIT: Partial<Job> = { action: 'video.edit', kind: 'video', prompt: 'at dusk' };
const START: Partial<Job> = { action: 'frame.start.generate', kind: 'frame' };
const END: Partial<Job> = { action: 'frame.end.generate', kind: 'frame' };

const total = (delays: number[]): number => delays.reduce((sum, delay) => sum + delay, 0);

function filmSource(bytes: Buffer, rest: Partial<Source> = {}): Source {
  return aSource(bytes, { kind: 'video', contentType: 'image/webp', durationMs: 2000, ...rest });
}

/** A GIF of three plain frames. */
function gif(): Promise<Buffer> {
  const [width, height] = [60, 40];
  const frame = (red: number, green: number, blue: number): Buffer =>
    Buffer.alloc(width * height * 3, Uint8Array.from([red, green, blue]));
  const frames = Buffer.concat([frame(200, 30, 30), frame(30, 180, 60), frame(20, 40, 220)]);
  const raw = { width, height: height * 3, channels: 3, pageHeight: height } as const;
  return sharp(frames, { raw })
    .gif({ delay: [200, 300, 400] })
    .toBuffer();
}

describe('makeSketch, generating videos', () => {
  it('should make a film of 2 seconds whose frames all differ', async () => {
    const [file] = await made(VIDEO);
    const film = await decodeWebp(file!);
    expect([film.width, film.height, film.frames.length]).toEqual([256, 256, 24]);
    expect(total(film.delaysMs)).toBe(2000);
    for (const [index, frame] of film.frames.entries()) {
      expect(colours(frame)).toBeGreaterThan(30);
      const next = film.frames[index + 1];
      // From one to the next some edges move; from the first to the last a good part of the picture has changed.
      if (next) expect(difference(frame, next)).toBeGreaterThan(0.002);
    }
    expect(difference(film.frames[0]!, film.frames.at(-1)!)).toBeGreaterThan(0.15);
  });

  it.each([
    ['320x180', 500, 6],
    ['64x512', 4000, 48],
    ['100x100', 1999, 24],
  ])('should make %s of %i ms in %i frames', async (size, durationMs, frames) => {
    const [file] = await made({ ...VIDEO, settings: { size, durationMs } });
    const film = await decodeWebp(file!);
    expect(`${film.width}x${film.height}`).toBe(size);
    expect([total(film.delaysMs), film.frames.length]).toEqual([durationMs, frames]);
  });

  it('should show slow gradients without blocks', async () => {
    // What the picture was drawn as, next to what the film shows: the compression may not take a part of it away.
    const settings = { size: '256x256' };
    const [end] = await made({ ...END, prompt: VIDEO.prompt!, settings });
    const film = await decodeWebp((await made({ ...VIDEO, settings }))[0]!);
    expect(difference(decodePng(end!), film.frames.at(-1)!, 24)).toBeLessThan(0.01);
  });

  it('should make another film for another output, prompt or seed, and the same again', async () => {
    const settings = { size: '96x96', durationMs: 500 };
    const films = [
      ...(await made({ ...VIDEO, settings, outputCount: 2 })),
      ...(await made({ ...VIDEO, settings, prompt: 'a red fox' })),
      ...(await made({ ...VIDEO, settings: { ...settings, sketch: { seed: 9 } } })),
    ];
    const starts = await Promise.all(
      films.map(async (film) => (await decodeWebp(film)).frames[0]!),
    );
    for (const [index, one] of starts.entries()) {
      for (const other of starts.slice(index + 1))
        expect(difference(one, other)).toBeGreaterThan(0.15);
    }
    expect(digestsOf(await made({ ...VIDEO, settings, outputCount: 2 }))).toEqual(
      digestsOf(films.slice(0, 2)),
    );
  });

  it('should begin with a picture it is given, and end with a second one', async () => {
    const settings = { size: '128x128' };
    const [start] = await made({ prompt: 'a red fox', settings });
    const [end] = await made({ prompt: 'a blue whale', settings });
    const sources = [aSource(start!, { kind: 'frame' }), aSource(end!, { kind: 'frame' })];
    const one = await decodeWebp(
      (await made({ ...VIDEO, settings, sources: sources.slice(0, 1) }))[0]!,
    );
    const both = await decodeWebp((await made({ ...VIDEO, settings, sources }))[0]!);
    const [first, last] = [decodePng(start!), decodePng(end!)];
    // Twice as large and back again, and compressed: some edges are softer.
    expect(difference(first, one.frames[0]!, 24)).toBeLessThan(0.04);
    expect(difference(first, both.frames[0]!, 24)).toBeLessThan(0.04);
    expect(difference(last, both.frames.at(-1)!, 24)).toBeLessThan(0.04);
    expect(difference(first, one.frames.at(-1)!, 24)).toBeGreaterThan(0.15);
  });

  it('should take little of the processor for the usual film', async () => {
    const before = process.cpuUsage();
    await made(VIDEO);
    const { user, system } = process.cpuUsage(before);
    // About 0.35 s on a slow core; the tests' own machinery and their neighbours on this machine take some of it, too.
    expect((user + system) / 1e6).toBeLessThan(2);
  });

  it.each([
    ['settings.durationMs', { settings: { durationMs: 499 } }],
    ['settings.durationMs', { settings: { durationMs: 4001 } }],
    ['settings.durationMs', { settings: { durationMs: '2s' } }],
    ['settings.size', { settings: { size: '1024x1024' } }],
    ['settings.format', { settings: { format: 'mp4' } }],
    [
      'inputs[0] is video/mp4',
      { sources: [filmSource(Buffer.from('mp4'), { contentType: 'video/mp4' })] },
    ],
  ] satisfies [string, Partial<Job>][])('should say beforehand: %s', (words, rest) => {
    expect(sketch.check?.(aJob({ ...VIDEO, ...rest }))).toContain(words);
  });
});

describe('makeSketch, editing videos', () => {
  it('should change every frame, and keep them apart', async () => {
    const [file] = await made({ ...VIDEO, settings: { size: '96x96' } });
    const film = await decodeWebp(file!);
    const edits = await made({ ...EDIT, sources: [filmSource(file!)], outputCount: 3 });
    const starts: Picture[] = [];
    for (const edit of await Promise.all(edits.map((bytes) => decodeWebp(bytes)))) {
      expect([edit.width, edit.height, edit.frames.length]).toEqual([96, 96, 24]);
      expect([2000, 3000]).toContain(Math.round(total(edit.delaysMs) / 100) * 100);
      for (const [index, frame] of edit.frames.entries()) {
        expect(difference(film.frames[index]!, frame)).toBeGreaterThan(0.5);
        expect(colours(frame)).toBeGreaterThan(20);
      }
      expect(difference(edit.frames[0]!, edit.frames.at(-1)!)).toBeGreaterThan(0.1);
      starts.push(edit.frames[0]!);
    }
    expect(difference(starts[0]!, starts[1]!)).toBeGreaterThan(0.5);
    expect(difference(starts[1]!, starts[2]!)).toBeGreaterThan(0.5);
  });

  it('should edit a GIF', async () => {
    const source = filmSource(await gif(), { contentType: 'image/gif', durationMs: 900 });
    const edit = await decodeWebp((await made({ ...EDIT, sources: [source] }))[0]!);
    expect([edit.width, edit.height, edit.frames.length]).toEqual([60, 40, 3]);
    expect([900, 1350]).toContain(total(edit.delaysMs));
    expect(difference(edit.frames[0]!, edit.frames[1]!)).toBeGreaterThan(0.5);
  });

  it('should edit a film of its own when it is given none, or a picture', async () => {
    const [picture] = await made({ prompt: 'a red fox', settings: { size: '128x128' } });
    for (const sources of [[], [aSource(picture!)]]) {
      const edit = await decodeWebp((await made({ ...EDIT, sources }))[0]!);
      expect(edit.frames).toHaveLength(24);
    }
  });

  it('should fail in words, for good, when the film is broken', async () => {
    const [file] = await made(VIDEO);
    for (const bytes of [file!.subarray(0, 3000), Buffer.from('no film')]) {
      for (const work of [EDIT, START, END]) {
        const job = aJob({ ...work, sources: [filmSource(bytes)] });
        expect(await sketch.dispatch(job, new AbortController().signal)).toMatchObject({
          kind: 'failed',
          failure: { retryable: false, message: expect.stringMatching(/cannot be read/) as string },
        });
      }
    }
  });
});

describe('makeSketch, generating frames', () => {
  it("should take a film's very first and last frame", async () => {
    const [file] = await made(VIDEO);
    const film = await decodeWebp(file!);
    const sources = [filmSource(file!)];
    const [start] = await made({ ...START, sources });
    const [end] = await made({ ...END, sources });
    const pixelsOf = (file: Buffer): string[] => digestsOf([decodePng(file).pixels]);
    expect(pixelsOf(start!)).toEqual(digestsOf([film.frames[0]!.pixels]));
    expect(pixelsOf(end!)).toEqual(digestsOf([film.frames.at(-1)!.pixels]));
  });

  it('should take the neighbours of that frame for further outputs, as far as there are some', async () => {
    const source = filmSource(await gif(), { contentType: 'image/gif', durationMs: 900 });
    const reds = async (work: Partial<Job>): Promise<number[]> => {
      const files = await made({ ...work, sources: [source], outputCount: 4 });
      return Promise.all(files.map(async (file) => (await sharp(file).raw().toBuffer())[0]!));
    };
    expect(await reds(START)).toEqual([200, 30, 20, 20]);
    expect(await reds(END)).toEqual([20, 30, 200, 200]);
  });

  it("should draw where a prompt's film begins and ends when it is given none", async () => {
    const prompt = VIDEO.prompt!;
    const settings = { size: '256x256' };
    const [start, end] = [
      await made({ ...START, prompt, settings }),
      await made({ ...END, prompt, settings }),
    ];
    const film = await decodeWebp((await made(VIDEO))[0]!);
    expect(difference(decodePng(start[0]!), decodePng(end[0]!))).toBeGreaterThan(0.15);
    expect(difference(decodePng(start[0]!), film.frames[0]!, 24)).toBeLessThan(0.02);
    expect(difference(decodePng(end[0]!), film.frames.at(-1)!, 24)).toBeLessThan(0.02);
  });

  it('should say what can be done with a film it cannot read', () => {
    const film = filmSource(Buffer.from('mp4'), { contentType: 'video/mp4' });
    for (const work of [START, END]) {
      expect(sketch.check?.(aJob({ ...work, sources: [film] }))).toMatch(
        /video\/mp4.*Leave it out/,
      );
    }
  });
});
