import { turned } from './colour.js';
import type { Colour } from './colour.js';
import { randomOf } from './random.js';

/** The colours of one picture, chosen to go together. */
export interface Palette {
  /** From the top of the sky to the horizon. */
  sky: readonly [Colour, Colour, Colour];
  /** Sun or moon. */
  light: Colour;
  /** The farthest and the nearest layer of land; those between are mixed. */
  far: Colour;
  near: Colour;
}

interface Mood extends Palette {
  /** Words of a prompt that ask for it. */
  words: RegExp;
}

const MOODS: readonly [Mood, ...Mood[]] = [
  // dawn
  {
    words: /\b(dawn|sunrise|morning|spring|blossoms?)\b/i,
    sky: [
      [232, 48, 38],
      [330, 52, 62],
      [28, 92, 76],
    ],
    light: [44, 100, 90],
    far: [318, 34, 60],
    near: [254, 46, 17],
  },
  // a clear day
  {
    words: /\b(day|daylight|noon|sunny|summer|afternoon)\b/i,
    sky: [
      [206, 72, 48],
      [196, 66, 68],
      [44, 70, 88],
    ],
    light: [50, 100, 95],
    far: [190, 34, 64],
    near: [168, 52, 18],
  },
  // dusk
  {
    words: /\b(dusk|sunset|evening|autumn|twilight)\b/i,
    sky: [
      [258, 52, 26],
      [344, 62, 50],
      [22, 94, 62],
    ],
    light: [36, 100, 82],
    far: [346, 46, 46],
    near: [262, 52, 12],
  },
  // night
  {
    words: /\b(night|midnight|moon|moonlit|stars?|starry|dark|space)\b/i,
    sky: [
      [230, 58, 10],
      [216, 54, 22],
      [186, 44, 42],
    ],
    light: [52, 60, 94],
    far: [208, 40, 36],
    near: [222, 58, 8],
  },
  // aurora
  {
    words: /\b(aurora|northern lights|polar|arctic|emerald)\b/i,
    sky: [
      [250, 56, 13],
      [172, 58, 30],
      [142, 56, 62],
    ],
    light: [150, 70, 94],
    far: [176, 38, 38],
    near: [236, 50, 10],
  },
  // desert
  {
    words: /\b(desert|dunes?|sand|canyon|savanna|mars)\b/i,
    sky: [
      [188, 44, 56],
      [36, 66, 78],
      [24, 84, 72],
    ],
    light: [40, 100, 94],
    far: [20, 58, 62],
    near: [8, 58, 22],
  },
  // lilac
  {
    words: /\b(lilac|lavender|purple|violet|pink|dream|dreamy)\b/i,
    sky: [
      [272, 42, 52],
      [300, 46, 72],
      [340, 78, 87],
    ],
    light: [340, 60, 97],
    far: [284, 34, 66],
    near: [266, 46, 22],
  },
];

/**
 * The colours of a prompt: the mood its words ask for, or else one of its own, its hues turned a little so that two prompts of
 * one mood still differ. Another `variation` has the next mood.
 */
export function paletteOf(prompt: string, seed: number, variation = 0): Palette {
  const random = randomOf('palette', prompt, seed);
  const chosen = random.pick(MOODS);
  const asked = MOODS.find((mood) => mood.words.test(prompt)) ?? chosen;
  const mood = MOODS[(MOODS.indexOf(asked) + variation) % MOODS.length] ?? asked;
  return turnedPalette(mood, random.between(-16, 16));
}

export function turnedPalette({ sky, light, far, near }: Palette, degrees: number): Palette {
  return {
    sky: [turned(sky[0], degrees), turned(sky[1], degrees), turned(sky[2], degrees)],
    light: turned(light, degrees),
    far: turned(far, degrees),
    near: turned(near, degrees),
  };
}

// Between the moods of night (10 and 13 percent) and dusk (26).
const STARRY_BELOW = 20;

/** Whether stars are seen: the sky is dark enough. */
export function isStarry({ sky: [top] }: Palette): boolean {
  return top[2] < STARRY_BELOW;
}
