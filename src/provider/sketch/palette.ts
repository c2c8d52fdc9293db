import type { Random } from './random.js';

/** Hue in degrees, saturation and lightness in percent. */
type Colour = readonly [hue: number, saturation: number, lightness: number];

/** The colours of one picture, chosen to go together. */
export interface Palette {
  /** From the top of the sky to the horizon. */
  sky: readonly [Colour, Colour, Colour];
  /** Sun or moon. */
  light: Colour;
  /** The farthest and the nearest layer of land; those between are mixed. */
  far: Colour;
  near: Colour;
  stars: boolean;
}

const MOODS: readonly [Palette, ...Palette[]] = [
  // dawn
  {
    sky: [
      [232, 48, 38],
      [330, 52, 62],
      [28, 92, 76],
    ],
    light: [44, 100, 90],
    far: [318, 34, 60],
    near: [254, 46, 17],
    stars: false,
  },
  // a clear day
  {
    sky: [
      [206, 72, 48],
      [196, 66, 68],
      [44, 70, 88],
    ],
    light: [50, 100, 95],
    far: [190, 34, 64],
    near: [168, 52, 18],
    stars: false,
  },
  // dusk
  {
    sky: [
      [258, 52, 26],
      [344, 62, 50],
      [22, 94, 62],
    ],
    light: [36, 100, 82],
    far: [346, 46, 46],
    near: [262, 52, 12],
    stars: false,
  },
  // night
  {
    sky: [
      [230, 58, 10],
      [216, 54, 22],
      [186, 44, 42],
    ],
    light: [52, 60, 94],
    far: [208, 40, 36],
    near: [222, 58, 8],
    stars: true,
  },
  // aurora
  {
    sky: [
      [250, 56, 13],
      [172, 58, 30],
      [142, 56, 62],
    ],
    light: [150, 70, 94],
    far: [176, 38, 38],
    near: [236, 50, 10],
    stars: true,
  },
  // desert
  {
    sky: [
      [188, 44, 56],
      [36, 66, 78],
      [24, 84, 72],
    ],
    light: [40, 100, 94],
    far: [20, 58, 62],
    near: [8, 58, 22],
    stars: false,
  },
  // lilac
  {
    sky: [
      [272, 42, 52],
      [300, 46, 72],
      [340, 78, 87],
    ],
    light: [340, 60, 97],
    far: [284, 34, 66],
    near: [266, 46, 22],
    stars: false,
  },
];

/** A mood, its hues turned a little so that two prompts of one mood still differ. */
export function paletteOf(random: Random): Palette {
  const mood = random.pick(MOODS);
  const turn = random.between(-16, 16);
  const turned = ([hue, saturation, lightness]: Colour): Colour => [
    (hue + turn + 360) % 360,
    saturation,
    lightness,
  ];
  return {
    sky: [turned(mood.sky[0]), turned(mood.sky[1]), turned(mood.sky[2])],
    light: turned(mood.light),
    far: turned(mood.far),
    near: turned(mood.near),
    stars: mood.stars,
  };
}

/** `share` of the way from one colour to another, around the nearer side of the colour wheel. */
export function mix(from: Colour, to: Colour, share: number): Colour {
  const along = (a: number, b: number): number => a + (b - a) * share;
  const turn = ((to[0] - from[0] + 540) % 360) - 180;
  return [(from[0] + turn * share + 360) % 360, along(from[1], to[1]), along(from[2], to[2])];
}

export function css([hue, saturation, lightness]: Colour): string {
  return `hsl(${hue.toFixed(1)}, ${saturation.toFixed(1)}%, ${lightness.toFixed(1)}%)`;
}
