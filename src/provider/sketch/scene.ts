import { blend, css } from './colour.js';
import { foregroundOf, layersOf } from './land.js';
import { isStarry } from './palette.js';
import type { Palette } from './palette.js';
import { randomOf } from './random.js';
import type { Random } from './random.js';
import type { Size } from './settings.js';

/** One landscape. Its composition follows from prompt, seed and index: variations are siblings that plainly differ. */
export interface Scene {
  prompt: string;
  seed: number;
  index: number;
  palette: Palette;
  size: Size;
  /** From 0 to 1: how far sun, clouds and camera have moved. */
  time: number;
}

/** The landscape as SVG. Shapes only, no text: a bare machine has no fonts. */
export function sceneOf({ prompt, seed, index, palette, size, time }: Scene): string {
  const random = randomOf('scene', prompt, seed, index);
  const horizon = size.height * random.between(0.5, 0.66);
  return svg(size, [
    sky(palette, size),
    isStarry(palette) ? stars(random, size, time) : '',
    light(palette, random, size, time),
    clouds(palette, random, size, horizon, time),
    layersOf(palette, random, size, horizon, time),
    vignette(size),
  ]);
}

/**
 * Light falling in, and what stands nearest in the landscape, with nothing behind: to be laid over another picture. `arrival`,
 * from 0 to 1, says how much of it has come in from outside.
 */
export function overlayOf(scene: Omit<Scene, 'time'>, arrival: number): string {
  const { prompt, seed, index, palette, size } = scene;
  const random = randomOf('overlay', prompt, seed, index);
  const below = 0.4 * size.height * (1 - arrival);
  return svg(size, [
    glow(palette, random, size, arrival),
    `<g transform="translate(0 ${below.toFixed(1)})">${foregroundOf(palette, random, size)}</g>`,
  ]);
}

function glow(palette: Palette, random: Random, { width, height }: Size, opacity: number): string {
  const x = width * random.pick([0.05, 0.95]);
  const y = height * random.between(0, 0.3);
  const radius = Math.max(width, height) * random.between(0.6, 0.85);
  const colour = css(palette.light);
  return `<defs><radialGradient id="in"><stop offset="0" stop-color="${colour}" stop-opacity="${(0.6 * opacity).toFixed(3)}"/>
<stop offset="1" stop-color="${colour}" stop-opacity="0"/></radialGradient></defs>
<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${radius.toFixed(1)}" fill="url(#in)"/>`;
}

export function svg({ width, height }: Size, shapes: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    ...shapes,
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
const TWINKLES = 3;

function stars(random: Random, { width, height }: Size, time: number): string {
  const unit = Math.min(width, height) / 512;
  return Array.from({ length: STARS }, () => {
    const x = random.between(0, width);
    // Squared: thicker towards the top of the sky.
    const y = random.between(0, 1) ** 2 * height * 0.6;
    const radius = random.between(0.4, 1.5) * unit;
    // Each at its own moment: x stands in for chance.
    const twinkle = 0.8 + 0.2 * Math.cos(2 * Math.PI * TWINKLES * time + x);
    const opacity = random.between(0.3, 0.95) * twinkle;
    return `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${radius.toFixed(2)}" fill="white" opacity="${opacity.toFixed(2)}"/>`;
  }).join('');
}

function light(palette: Palette, random: Random, { width, height }: Size, time: number): string {
  const x = width * (random.between(0.18, 0.82) + 0.07 * time);
  const y = height * (random.between(0.2, 0.46) - 0.08 * time);
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

function clouds(
  palette: Palette,
  random: Random,
  { width }: Size,
  horizon: number,
  time: number,
): string {
  const colour = css(blend(palette.light, palette.sky[1], 0.25));
  const count = Math.floor(random.between(3, 8));
  return Array.from({ length: count }, () => {
    const length = width * random.between(0.12, 0.42);
    const thickness = length * random.between(0.035, 0.07);
    // Large clouds are near ones, and drift faster.
    const x = random.between(-0.1, 0.95) * width - 0.6 * length * time;
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
