import { systemClock } from '../src/clock.js';
import type { Job, Source } from '../src/provider.js';
import { makeSketch } from '../src/provider/sketch.js';
import { aJob, aSource, deliveredBy, digestsOf } from './contract/provider.samples.js';
import { wav } from './decoders/containers.js';
import { decodeWav, likeness, loudnessOf, peakOf } from './decoders/wav.js';

const sketch = makeSketch({ clock: systemClock });
const made = (rest: Partial<Job>): Promise<Buffer[]> => deliveredBy(sketch, aJob(rest));
const AUDIO: Partial<Job> = { action: 'audio.generate', kind: 'audio', prompt: 'a lullaby' };
const EDIT: Partial<Job> = { action: 'audio.edit', kind: 'audio', prompt: 'in a cave' };

const samplesOf = (file: Buffer): Float64Array => decodeWav(file).channels[0]!;

function soundSource(bytes: Buffer, rest: Partial<Source> = {}): Source {
  return aSource(bytes, { kind: 'audio', contentType: 'audio/wav', durationMs: 1000, ...rest });
}

/** The greatest step from one sample to the next. */
function steepest(samples: Float64Array): number {
  return peakOf(samples.map((sample, at) => sample - (samples[at - 1] ?? 0)));
}

const tone = (hertz: number, seconds: number, rate = 22_050): number[] =>
  Array.from(
    { length: seconds * rate },
    (_, at) => 0.5 * Math.sin((2 * Math.PI * hertz * at) / rate),
  );

describe('makeSketch, generating audio', () => {
  it.each([
    [null, 3000],
    [500, 500],
    [10_000, 10_000],
  ])('should make a melody, durationMs %s, of %i ms', async (asked, durationMs) => {
    const settings = asked === null ? null : { durationMs: asked };
    const { sampleRate, channels } = decodeWav((await made({ ...AUDIO, settings }))[0]!);
    expect([sampleRate, channels.length, channels[0]!.length]).toEqual([
      22_050,
      1,
      22.05 * durationMs,
    ]);
  });

  it('should be of a pleasant loudness, from the first second to the last, and click nowhere', async () => {
    for (const file of await made({ ...AUDIO, settings: { durationMs: 6000 }, outputCount: 4 })) {
      const samples = samplesOf(file);
      expect(peakOf(samples)).toBeLessThan(0.9);
      expect(peakOf(samples)).toBeGreaterThan(0.5);
      expect([Math.abs(samples[0]!), Math.abs(samples.at(-1)!)]).toEqual([0, 0]);
      for (let second = 0; second < 6; second += 1) {
        const part = samples.slice(second * 22_050, (second + 1) * 22_050);
        expect(loudnessOf(part)).toBeGreaterThan(0.02);
      }
      // A full swing of 4 kHz moves 0.9 per sample, a click by up to 1.6; these tones stay far below.
      expect(steepest(samples)).toBeLessThan(0.45);
    }
  });

  it('should make another melody for another output, prompt, seed or input, and the same again', async () => {
    const files = [
      ...(await made({ ...AUDIO, outputCount: 3 })),
      ...(await made({ ...AUDIO, prompt: 'a march' })),
      ...(await made({ ...AUDIO, settings: { sketch: { seed: 4 } } })),
      ...(await made({ ...AUDIO, sources: [aSource(Buffer.from('a picture'))] })),
    ];
    for (const [index, one] of files.entries()) {
      for (const other of files.slice(index + 1)) {
        expect(Math.abs(likeness(samplesOf(one), samplesOf(other)))).toBeLessThan(0.6);
      }
    }
    expect(digestsOf(await made({ ...AUDIO, outputCount: 3 }))).toEqual(
      digestsOf(files.slice(0, 3)),
    );
  });

  it.each([
    ['settings.durationMs', { durationMs: 10_001 }],
    ['settings.durationMs', { durationMs: 499 }],
    ['settings.format', { format: 'mp3' }],
  ])('should say beforehand: %s', (words, settings) => {
    expect(sketch.check?.(aJob({ ...AUDIO, settings }))).toContain(words);
  });
});

describe('makeSketch, editing audio', () => {
  it('should let the recording be heard, at another pace and with its echo', async () => {
    // A second of tone and a second of nothing: what sounds in the second one is echo.
    const sound = wav(22_050, [[...tone(440, 1), ...Array<number>(22_050).fill(0)]]);
    for (const file of await made({ ...EDIT, sources: [soundSource(sound)], outputCount: 3 })) {
      const { sampleRate, channels } = decodeWav(file);
      const [samples] = channels;
      expect(sampleRate).toBe(22_050);
      // The tone crosses zero 880 times a second at the old pace.
      const part = samples!.slice(4_000, 12_000);
      const crossings = part.filter((sample, at) => sample >= 0 !== (part[at - 1] ?? sample) >= 0);
      const pace = crossings.length / (880 * (part.length / sampleRate));
      expect(pace > 0.75 && pace < 1.35 && Math.abs(pace - 1) > 0.08).toBe(true);
      const over = Math.ceil(22_050 / pace) + 1_000;
      expect(loudnessOf(samples!.slice(over, over + 2_000))).toBeGreaterThan(0.02);
      expect(peakOf(samples!)).toBeLessThan(0.9);
    }
  });

  it('should edit differently for every output and prompt, and the same again', async () => {
    const sources = [soundSource(wav(22_050, [tone(300, 1)]))];
    const files = [
      ...(await made({ ...EDIT, sources, outputCount: 2 })),
      ...(await made({ ...EDIT, sources, prompt: 'far away' })),
    ];
    expect(new Set(files.map((file) => file.length)).size).toBe(3);
    expect(digestsOf(await made({ ...EDIT, sources, outputCount: 2 }))).toEqual(
      digestsOf(files.slice(0, 2)),
    );
  });

  it('should keep both sides of a stereo recording, and its rate', async () => {
    const stereo = wav(44_100, [tone(440, 1, 44_100), Array<number>(44_100).fill(0)]);
    const [file] = await made({ ...EDIT, sources: [soundSource(stereo)] });
    const { sampleRate, channels } = decodeWav(file!);
    expect([sampleRate, channels.length]).toEqual([44_100, 2]);
    expect([peakOf(channels[0]!) > 0.5, peakOf(channels[1]!)]).toEqual([true, 0]);
  });

  it('should read past what else a file may hold', async () => {
    const plain = wav(22_050, [tone(300, 1)]);
    const list = Buffer.concat([Buffer.from('LIST\x05\0\0\0INFOx\0', 'latin1')]);
    const chatty = Buffer.concat([plain.subarray(0, 12), list, plain.subarray(12)]);
    const [one] = await made({ ...EDIT, sources: [soundSource(plain)] });
    const [other] = await made({ ...EDIT, sources: [soundSource(chatty)] });
    expect(digestsOf([other!])).toEqual(digestsOf([one!]));
  });

  it("should edit a melody of its own when it is given none, a prompt's", async () => {
    const [file] = await made(EDIT);
    expect(loudnessOf(samplesOf(file!))).toBeGreaterThan(0.02);
  });

  it.each([
    ['inputs[0] is audio/mpeg', { contentType: 'audio/mpeg' }],
    ['at most 60 seconds', { durationMs: 60_001 }],
    ['inputs[0] is image/png', { contentType: 'image/png', kind: 'image' }],
  ] satisfies [string, Partial<Source>][])('should say beforehand: %s', (words, facts) => {
    const job = aJob({ ...EDIT, sources: [soundSource(Buffer.from('x'), facts)] });
    expect(sketch.check?.(job)).toContain(words);
  });

  it.each<[string, Buffer]>([
    ['no WAV', Buffer.from('no sound')],
    ['empty', wav(22_050, [[]])],
    ['cut within its header', wav(22_050, [tone(300, 1)]).subarray(0, 40)],
    ['of 24 bits', Buffer.from(wav(22_050, [tone(300, 1)]).fill(24, 34, 35))],
  ])('should fail in words, for good, when the recording is %s', async (_what, bytes) => {
    const job = aJob({ ...EDIT, sources: [soundSource(bytes)] });
    expect(await sketch.dispatch(job, new AbortController().signal)).toMatchObject({
      kind: 'failed',
      failure: { retryable: false, message: expect.stringMatching(/cannot be read/) as string },
    });
  });
});
