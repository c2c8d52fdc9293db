import { layersOf } from './land.js';
import { css, mix, paletteOf } from './palette.js';
import type { Palette } from './palette.js';
import { randomOf } from './random.js';
import type { Random } from './random.js';
import type { Size } from './settings.js';

/**
 * One landscape as SVG. The palette follows from prompt and seed, the composition from the index as well: variations are
 * siblings that plainly differ. Shapes only, no text: a bare machine has no fonts.
 */
export function sceneOf(prompt: string, seed: number, index: number, size: Size): string {
  const palette = paletteOf(randomOf('palette', prompt, seed));
  const random = randomOf('scene', prompt, seed, index);
  const { width, height } = size;
  const horizon = height * random.between(0.5, 0.66);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    sky(palette, size),
    palette.stars ? stars(random, size) : '',
    light(palette, random, size),
    clouds(palette, random, size, horizon),
    layersOf(palette, random, size, horizon),
    vignette(size),
    '</svg>',
  ].join('\n');
}

function sky(palette: Palette, { width, height }: Size): string {
  const [top, middle, low] = palette.sky;
  return `<defs><linearGradient id="sky" x1="0" y1="0" x2="0.12" y2="1">
<stop offset="0" stop-color="${css(top)}"/><stop offset="0.42" stop-color="${css(middle)}"/>
<stop offset="0.72" stop-color="${css(low)}"/></linearGradient></defs>
<rect width="${width}" height="${height}" fill="url(#sky)"/>`;
}

const STARS = 90;

function stars(random: Random, { width, height }: Size): string {
  const unit = Math.min(width, height) / 512;
  return Array.from({ length: STARS }, () => {
    const x = random.between(0, width);
    // Squared: thicker towards the top of the sky.
    const y = random.between(0, 1) ** 2 * height * 0.6;
    const radius = random.between(0.4, 1.5) * unit;
    const opacity = random.between(0.3, 0.95);
    return `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${radius.toFixed(2)}" fill="white" opacity="${opacity.toFixed(2)}"/>`;
  }).join('');
}

function light(palette: Palette, random: Random, { width, height }: Size): string {
  const x = width * random.between(0.18, 0.82);
  const y = height * random.between(0.2, 0.46);
  const radius = Math.min(width, height) * random.between(0.06, 0.13);
  const colour = css(palette.light);
  const at = `cx="${x.toFixed(1)}" cy="${y.toFixed(1)}"`;
  const halo = [3.1, 2.1, 1.45]
    .map(
      (reach) =>
        `<circle ${at} r="${(radius * reach).toFixed(1)}" fill="${colour}" opacity="0.08"/>`,
    )
    .join('');
  return `<defs><radialGradient id="glow"><stop offset="0" stop-color="${colour}" stop-opacity="0.75"/>
<stop offset="1" stop-color="${colour}" stop-opacity="0"/></radialGradient></defs>
<circle ${at} r="${(radius * 5).toFixed(1)}" fill="url(#glow)"/>${halo}
<circle ${at} r="${radius.toFixed(1)}" fill="${colour}"/>`;
}

function clouds(palette: Palette, random: Random, { width }: Size, horizon: number): string {
  const colour = css(mix(palette.light, palette.sky[1], 0.25));
  const count = Math.floor(random.between(3, 8));
  return Array.from({ length: count }, () => {
    const length = width * random.between(0.12, 0.42);
    const thickness = length * random.between(0.035, 0.07);
    const x = random.between(-0.1, 0.95) * width;
    const y = horizon * random.between(0.25, 0.88);
    const opacity = random.between(0.12, 0.42);
    const bar = (dx: number, dy: number, share: number): string =>
      `<rect x="${(x + dx * length).toFixed(1)}" y="${(y + dy * thickness).toFixed(1)}" width="${(length * share).toFixed(1)}" height="${thickness.toFixed(1)}" rx="${(thickness / 2).toFixed(1)}"/>`;
    return `<g fill="${colour}" opacity="${opacity.toFixed(2)}">${bar(0, 0, 1)}${bar(0.22, -0.85, 0.5)}${bar(-0.12, 0.85, 0.62)}</g>`;
  }).join('');
}

function vignette({ width, height }: Size): string {
  return `<defs><radialGradient id="vignette" cx="0.5" cy="0.45" r="0.78"><stop offset="0.6" stop-opacity="0"/>
<stop offset="1" stop-opacity="0.32"/></radialGradient></defs>
<rect width="${width}" height="${height}" fill="url(#vignette)"/>`;
}
