import { setImmediate as turn } from 'node:timers/promises';
import type { Job, SourceFacts } from '../../provider.js';
import { seedFor } from './image.js';
import { Unreadable } from './medium.js';
import type { Maker, Medium } from './medium.js';
import { finished, melodyOf } from './melody.js';
import { randomOf } from './random.js';
import type { Random } from './random.js';
import type { SketchSettings } from './settings.js';
import { isSound, refusedOf, subjectOf } from './sources.js';
import { decodedWav, encodedWav } from './wav.js';
import type { Sound } from './wav.js';

const DEFAULT_DURATION_MS = 3000;
// 10 MB of stereo at 44,100 Hz: a second of work.
const MAX_EDITED_SECONDS = 60;

const shared = {
  name: 'a sound',
  formats: ['wav'],
  maxSide: null,
  durationsMs: { min: 500, max: 10_000 },
} satisfies Partial<Medium>;

/** A melody from the prompt, and from the inputs, whatever they are. */
export const generatedAudio: Medium = {
  ...shared,
  check: () => null,
  begin: (job, settings): Promise<Maker> =>
    Promise.resolve(async (index) => {
      await turn();
      return encodedWav(melody(job, settings, index));
    }),
};

/** The given recording with an echo, at another pace; a melody's, if none is given. */
export const editedAudio: Medium = {
  ...shared,
  check: (request) =>
    refusedOf(request, isEditable, (source) =>
      isSound(source) && source.contentType === 'audio/wav'
        ? `a sketch edits recordings of at most ${MAX_EDITED_SECONDS} seconds, give a shorter one.`
        : 'a sketch edits WAV recordings (16-bit PCM) only, give one of those or none.',
    ),
  async begin(job, settings): Promise<Maker> {
    const subject = subjectOf(job);
    const given = subject && decodedWav(await subject.read(), MAX_EDITED_SECONDS);
    if (given === null) {
      throw new Unreadable(
        `The input ${subject?.id ?? ''} cannot be read as a WAV recording of 16-bit PCM with one or two channels. Give another one.`,
      );
    }
    const { prompt, seed } = seedFor(job, settings);
    const sound = given ?? melody(job, settings, 0);
    return async (index) => {
      await turn();
      return encodedWav(edited(sound, randomOf('echo', prompt, seed, index)));
    };
  },
};

function isEditable(source: SourceFacts): boolean {
  return (
    source.contentType === 'audio/wav' && (source.durationMs ?? 0) <= MAX_EDITED_SECONDS * 1000
  );
}

function melody(job: Job, settings: SketchSettings, index: number): Sound {
  const { prompt, seed } = seedFor(job, settings);
  const inputs = job.sources.map((source) => source.sha256);
  const random = randomOf('melody', prompt, seed, index, ...inputs);
  return melodyOf(random, (settings.durationMs ?? DEFAULT_DURATION_MS) / 1000);
}

const ECHOES = 4;

function edited(sound: Sound, random: Random): Sound {
  const { sampleRate } = sound;
  // Plainly faster or slower: less than a tenth is hardly heard.
  const pace = random.pick([random.between(0.78, 0.9), random.between(1.12, 1.3)]);
  const gap = Math.round(random.between(0.14, 0.32) * sampleRate);
  const decay = random.between(0.38, 0.55);
  const channels = sound.channels.map((samples) => echoing(paced(samples, pace), gap, decay));
  return finished({ sampleRate, channels });
}

/** As a tape that runs at another speed: the pitch goes along. */
function paced(samples: Float32Array, pace: number): Float32Array {
  return Float32Array.from({ length: Math.max(1, Math.floor(samples.length / pace)) }, (_, at) => {
    const place = at * pace;
    const [before = 0, after = 0] = [samples[Math.floor(place)], samples[Math.ceil(place)]];
    return before + (after - before) * (place % 1);
  });
}

function echoing(samples: Float32Array, gap: number, decay: number): Float32Array {
  const sounding = new Float32Array(samples.length + ECHOES * gap);
  sounding.set(samples);
  for (let echo = 1; echo <= ECHOES; echo += 1) {
    const loudness = decay ** echo;
    for (const [at, sample] of samples.entries()) {
      const place = at + echo * gap;
      sounding[place] = (sounding[place] ?? 0) + loudness * sample;
    }
  }
  return sounding;
}
