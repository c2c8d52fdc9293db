import { css, mix } from './palette.js';
import type { Palette } from './palette.js';
import type { Random } from './random.js';
import type { Size } from './settings.js';

type Shape = 'peaks' | 'hills' | 'dunes';
/** The height of a ridge at a share of the width: 0 low, 1 high. */
type Profile = (x: number) => number;

const STEPS = 160;

/** Ridge behind ridge from the horizon to the viewer, and what stands or lies in front. */
export function layersOf(palette: Palette, random: Random, size: Size, horizon: number): string {
  const count = Math.floor(random.between(4, 7));
  const shape = random.pick<Shape>(['peaks', 'peaks', 'hills', 'dunes']);
  const foreground = random.pick(['pines', 'pines', 'lake', 'bare']);
  const layers = Array.from({ length: count }, (_, layer) => {
    const depth = layer / (count - 1);
    const base = horizon + (size.height * 0.92 - horizon) * depth ** 1.15;
    const rise = size.height * random.between(0.1, 0.19) * (1.15 - 0.55 * depth);
    // Near layers are smooth: sharp peaks belong to the distance.
    const profile = profileOf(depth > 0.55 && shape === 'peaks' ? 'hills' : shape, random);
    const water = foreground === 'lake' && layer === count - 2 ? lake(palette, random, size) : '';
    const colour = mix(palette.far, palette.near, depth);
    const trees =
      foreground === 'pines' && layer >= count - 2
        ? pines(profile, base, rise, css(colour), random, size, depth)
        : '';
    return water + trees + ridge(profile, base, rise, layer, palette, depth, size);
  });
  return layers.join('\n');
}

function profileOf(shape: Shape, random: Random): Profile {
  const octaves = { peaks: 5, hills: 3, dunes: 2 }[shape];
  const first = random.between(0.6, 1.5);
  const waves = Array.from({ length: octaves }, (_, octave) => ({
    frequency: first * 2 ** octave * random.between(0.85, 1.15),
    phase: random.between(0, 1),
    weight: (shape === 'peaks' ? 0.56 : 0.4) ** octave,
  }));
  const whole = waves.reduce((sum, wave) => sum + wave.weight, 0);
  const turn = (x: number): number =>
    shape === 'peaks' ? 1 - Math.abs(Math.sin(Math.PI * x)) : (1 + Math.sin(2 * Math.PI * x)) / 2;
  return (x) =>
    waves.reduce(
      (sum, { frequency, phase, weight }) => sum + weight * turn(x * frequency + phase),
      0,
    ) / whole;
}

function ridge(
  profile: Profile,
  base: number,
  rise: number,
  layer: number,
  palette: Palette,
  depth: number,
  { width, height }: Size,
): string {
  const line = Array.from({ length: STEPS + 1 }, (_, step) => {
    const x = step / STEPS;
    return `L${(x * width).toFixed(1)} ${(base - rise * profile(x)).toFixed(1)}`;
  }).join('');
  const colour = mix(palette.far, palette.near, depth);
  // Mist gathers at the foot of each ridge, less of it the nearer it is.
  const foot = mix(colour, palette.sky[2], 0.5 * (1 - depth));
  return `<defs><linearGradient id="ridge${layer}" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="${css(colour)}"/>
<stop offset="0.75" stop-color="${css(foot)}"/></linearGradient></defs>
<path d="M0 ${height}${line}L${width} ${height}Z" fill="url(#ridge${layer})"/>`;
}

function pines(
  profile: Profile,
  base: number,
  rise: number,
  colour: string,
  random: Random,
  { width, height }: Size,
  depth: number,
): string {
  const count = Math.floor(random.between(14, 34));
  return Array.from({ length: count }, () => {
    const x = random.between(0, 1);
    const foot = base - rise * profile(x) + height * 0.012;
    const tall = height * random.between(0.045, 0.1) * (0.45 + 0.55 * depth);
    const tier = (from: number, to: number, half: number): string =>
      `M${(x * width).toFixed(1)} ${(foot - tall * to).toFixed(1)}l${(tall * half).toFixed(1)} ${(tall * (to - from)).toFixed(1)}h${(-2 * tall * half).toFixed(1)}Z`;
    return `<path d="${tier(0, 0.6, 0.2)}${tier(0.28, 0.82, 0.15)}${tier(0.52, 1, 0.1)}" fill="${colour}"/>`;
  }).join('');
}

function lake(palette: Palette, random: Random, { width, height }: Size): string {
  const top = height * 0.74;
  const glints = Array.from({ length: 26 }, () => {
    const y = random.between(top + 3, height);
    const length = width * random.between(0.03, 0.2) * (0.4 + (y - top) / (height - top));
    const x = random.between(-0.05, 1) * width;
    return `<rect x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${length.toFixed(1)}" height="${(height * 0.004).toFixed(1)}" rx="${(height * 0.002).toFixed(1)}" fill="${css(palette.light)}" opacity="${random.between(0.15, 0.5).toFixed(2)}"/>`;
  }).join('');
  return `<defs><linearGradient id="lake" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="${css(palette.sky[2])}"/>
<stop offset="1" stop-color="${css(palette.sky[0])}"/></linearGradient></defs>
<rect y="${top.toFixed(1)}" width="${width}" height="${(height - top).toFixed(1)}" fill="url(#lake)"/>${glints}`;
}
