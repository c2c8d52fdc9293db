import type { Random } from './random.js';
import type { Sound } from './wav.js';

const SAMPLE_RATE = 22_050;
/** Semitones above the root: five notes that go together in any order. */
const SCALES: readonly [Scale, ...Scale[]] = [
  [0, 2, 4, 7, 9],
  [0, 3, 5, 7, 10],
  [0, 2, 5, 7, 9],
];
type Scale = readonly number[];
const PEAK = 0.8;
const A4_HZ = 440;

interface Note {
  at: number;
  seconds: number;
  hertz: number;
  loudness: number;
}

/** A little tune with a bass under it: another one for all other random numbers. */
export function melodyOf(random: Random, seconds: number): Sound {
  const samples = new Float32Array(Math.round(seconds * SAMPLE_RATE));
  const voice = random.pick([
    [1, 0.5, 0.22, 0.1],
    [1, 0.12, 0.3, 0.05],
    [1, 0.3, 0.08, 0.16],
  ]);
  for (const note of notesOf(random, seconds)) ring(samples, note, voice);
  return finished({ sampleRate: SAMPLE_RATE, channels: [samples] });
}

function notesOf(random: Random, seconds: number): Note[] {
  const beat = 60 / random.between(84, 132) / 2;
  const scale = random.pick(SCALES);
  const root = Math.floor(random.between(-12, -2));
  const hertzOf = (degree: number): number => {
    const octave = Math.floor(degree / scale.length);
    const semitone = scale[degree - octave * scale.length] ?? 0;
    return A4_HZ * 2 ** ((root + semitone) / 12 + octave);
  };
  const notes: Note[] = [];
  let degree = Math.floor(random.between(0, 5));
  for (let at = 0, count = 0; at < seconds - 0.1; count += 1) {
    const beats = random.pick([1, 1, 1, 2, 2, 3]);
    notes.push({
      at,
      seconds: 1.6 * beat * beats + 0.3,
      hertz: hertzOf(degree),
      loudness: random.between(0.7, 1),
    });
    if (count % 4 === 0) {
      notes.push({ at, seconds: 2.4, hertz: hertzOf((degree % 5) - 10), loudness: 0.6 });
    }
    // A step or a leap, turned back at the ends of a voice's range.
    degree += random.pick([-2, -1, -1, 1, 1, 2, 3]);
    if (degree > 9) degree -= 4;
    if (degree < -2) degree += 4;
    at += beats * beat;
  }
  return notes;
}

const ATTACK_SECONDS = 0.008;
const RELEASE_SECONDS = 0.05;

/** Adds a plucked string: it begins and ends at nothing, so that nothing clicks. */
function ring(samples: Float32Array, note: Note, voice: readonly number[]): void {
  const first = Math.round(note.at * SAMPLE_RATE);
  const count = Math.min(Math.round(note.seconds * SAMPLE_RATE), samples.length - first);
  for (const [overtone, share] of voice.entries()) {
    const step = (2 * Math.PI * note.hertz * (overtone + 1)) / SAMPLE_RATE;
    const decay = Math.exp(-(2.2 + 1.6 * overtone) / SAMPLE_RATE);
    const loudest = note.loudness * share;
    // A sine from its two values before: tens of times quicker than asking for each.
    const turn = 2 * Math.cos(step);
    let [before, value, envelope] = [-Math.sin(step), 0, loudest];
    for (let sample = 0; sample < count; sample += 1) {
      const time = sample / SAMPLE_RATE;
      const edge = Math.min(1, time / ATTACK_SECONDS, (note.seconds - time) / RELEASE_SECONDS);
      samples[first + sample] = (samples[first + sample] ?? 0) + edge * envelope * value;
      [before, value] = [value, turn * value - before];
      envelope *= decay;
    }
  }
}

const FADE_SECONDS = 0.03;

/** As loud as is pleasant, and silent at both ends. */
export function finished({ sampleRate, channels }: Sound): Sound {
  let loudest = 0;
  for (const samples of channels) {
    for (const sample of samples) loudest = Math.max(loudest, Math.abs(sample));
  }
  const gain = loudest === 0 ? 0 : PEAK / loudest;
  const fade = FADE_SECONDS * sampleRate;
  return {
    sampleRate,
    channels: channels.map((samples) =>
      samples.map((sample, at) => {
        const edge = Math.min(1, at / fade, (samples.length - 1 - at) / fade);
        return gain * edge * sample;
      }),
    ),
  };
}
