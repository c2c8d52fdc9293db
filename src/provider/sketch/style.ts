import { css } from './colour.js';
import { sceneFor, seedFor } from './image.js';
import type { Medium } from './medium.js';
import { paletteOf, turnedPalette } from './palette.js';
import { drawn, encoded, sharpOf } from './picture.js';
import { sceneOf, svg } from './scene.js';
import type { Scene } from './scene.js';
import { isPicture, paletteSourceOf, refusedOf } from './sources.js';
import { BANDS_HEIGHT, bandsOf } from './tint.js';

// Of the colour wheel, between the styles that are taken from one picture.
const TURN_DEGREES = 37;

/** A board that shows a style: a landscape in its colours, and below it the colours themselves, from which it is read back. */
export const style: Medium = {
  name: 'a style',
  // Without loss: the bands are the palette.
  formats: ['png'],
  maxSide: 1024,
  durationsMs: null,
  check: (request) =>
    refusedOf(request, isPicture, () => 'a style is taken from pictures, leave it out.'),
  async begin(job, settings) {
    const scene = await sceneFor(job, settings);
    const { prompt, seed } = seedFor(job, settings);
    const isGiven = paletteSourceOf(job) !== undefined;
    return async (index) => {
      const palette = isGiven
        ? turnedPalette(scene.palette, TURN_DEGREES * index)
        : paletteOf(prompt, seed, index);
      return encoded(sharpOf(await drawn(boardOf({ ...scene, index, palette }))), 'png');
    };
  },
};

function boardOf(scene: Scene): string {
  const { width, height } = scene.size;
  const top = Math.round(height * (1 - BANDS_HEIGHT));
  const colours = bandsOf(scene.palette);
  const edge = (band: number): number => Math.round((band * width) / colours.length);
  const bands = colours.map((colour, band) => {
    const [left, right] = [edge(band), edge(band + 1)];
    return `<rect x="${left}" y="${top}" width="${right - left}" height="${height - top}" fill="${css(colour)}"/>`;
  });
  return svg(scene.size, [sceneOf({ ...scene, size: { width, height: top } }), ...bands]);
}
