import type { Source } from '../../provider.js';
import { colourOf } from './colour.js';
import type { Colour, Rgb } from './colour.js';
import type { Palette } from './palette.js';
import { look, pixelsOf } from './picture.js';

// The shades of a picture this small say what its colours are; 8 pixels for each band of a board.
const SIDE = 48;
const BANDS = 6;
/** The share of its height that the bands of a style's board have, at the bottom. */
export const BANDS_HEIGHT = 0.36;

/** The bands of a style's board, from left to right. */
export function bandsOf({ sky, light, far, near }: Palette): readonly Colour[] {
  return [sky[0], sky[1], sky[2], light, far, near];
}

function ofBands(bands: readonly Colour[]): Palette {
  const [top = GREY, middle = GREY, low = GREY, light = GREY, far = GREY, near = GREY] = bands;
  return { sky: [top, middle, low], light, far, near };
}

const GREY: Colour = [0, 0, 50];

/** The palette that a picture gives: the bands of a style's board as they are; of any other picture its main colours. */
export async function paletteIn(source: Source): Promise<Palette> {
  const { data } = await look(source, (picture) =>
    pixelsOf(
      // Linear: a pixel is mixed with its neighbours only, so that the middle of a band stays what it is.
      picture
        .flatten({ background: 'white' })
        .resize(SIDE, SIDE, { fit: 'fill', kernel: 'linear' }),
    ),
  );
  const rows = Array.from({ length: SIDE }, (_, row) =>
    Array.from({ length: SIDE }, (_, column): Rgb => {
      const at = (row * SIDE + column) * 3;
      return [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0];
    }),
  );
  return boardIn(rows) ?? mainColoursOf(rows.flat());
}

// JPEG shifts a flat colour by some shades.
const MAX_SHADES = 10;

/** Null: these are not six flat bands of six colours. */
function boardIn(rows: readonly (readonly Rgb[])[]): Palette | null {
  const low = rows.slice(Math.ceil(SIDE * (1 - BANDS_HEIGHT)) + 2, -2);
  const bands = Array.from({ length: BANDS }, (_, band) => {
    const middle = ((band + 0.5) * SIDE) / BANDS;
    return low.flatMap((row) => row.slice(middle - 2, middle + 2));
  });
  const colours = bands.map((band) => colourOf(meanOf(band)));
  const different = new Set(colours.map((colour) => colour.map(Math.round).join()));
  return bands.every(isFlat) && different.size === BANDS ? ofBands(colours) : null;
}

function isFlat(pixels: readonly Rgb[]): boolean {
  return [0, 1, 2].every((channel) => {
    const values = pixels.map((pixel) => pixel[channel] ?? 0);
    return Math.max(...values) - Math.min(...values) <= MAX_SHADES;
  });
}

const ROUNDS = 8;

/** Groups near colours (k-means, begun with evenly spread shades) and gives each its part, the darkest to the nearest land. */
function mainColoursOf(pixels: readonly Rgb[]): Palette {
  const byShade = [...pixels].sort(byShadeOf);
  const seeds = Array.from({ length: BANDS }, (_, band) => {
    return byShade[Math.floor(((band + 0.5) * byShade.length) / BANDS)] ?? BLACK;
  });
  let means: Rgb[] = seeds;
  for (let round = 0; round < ROUNDS; round += 1) {
    const groups = means.map((): Rgb[] => []);
    for (const pixel of pixels) groups[nearestOf(means, pixel)]?.push(pixel);
    means = means.map((mean, index) => {
      const group = groups[index] ?? [];
      return group.length === 0 ? mean : meanOf(group);
    });
  }
  const [near = GREY, far = GREY, top = GREY, middle = GREY, low = GREY, light = GREY] = means
    .sort(byShadeOf)
    .map(colourOf);
  // The extremes are drawn apart: land and light stand out also in the colours of a pale or a dark picture.
  const [bright, dark] = [Math.max(light[2], 84), Math.min(near[2], 22)];
  return {
    sky: [top, middle, low],
    light: [light[0], light[1], bright],
    far,
    near: [near[0], near[1], dark],
  };
}

const BLACK: Rgb = [0, 0, 0];

function nearestOf(means: readonly Rgb[], [red, green, blue]: Rgb): number {
  const distances = means.map(
    (mean) => (mean[0] - red) ** 2 + (mean[1] - green) ** 2 + (mean[2] - blue) ** 2,
  );
  return distances.indexOf(Math.min(...distances));
}

function meanOf(pixels: readonly Rgb[]): Rgb {
  const mean = (channel: 0 | 1 | 2): number =>
    pixels.reduce((sum, pixel) => sum + pixel[channel], 0) / pixels.length;
  return [mean(0), mean(1), mean(2)];
}

function byShadeOf(one: Rgb, other: Rgb): number {
  return shadeOf(one) - shadeOf(other);
}

/** How light it looks. */
function shadeOf([red, green, blue]: Rgb): number {
  return 0.3 * red + 0.59 * green + 0.11 * blue;
}
