import { css, mix } from './colour.js';
import type { Colour } from './colour.js';
import type { Palette } from './palette.js';
import type { Random } from './random.js';
import type { Size } from './settings.js';

type Shape = 'peaks' | 'hills' | 'dunes';
/** The height of a ridge at a share of the width: 0 low, 1 high. */
type Profile = (x: number) => number;

/** One layer of land. */
interface Ridge {
  profile: Profile;
  /** The line it rises from, and how high at most. */
  base: number;
  rise: number;
  colour: Colour;
  foot: Colour;
  /** 0 at the horizon, 1 in front. */
  depth: number;
  /** How far the camera has passed it, as a share of the width. */
  passed: number;
}

const STEPS = 160;
// Of the width, for the nearest layer: what is far seems to stand still.
const CAMERA_WAY = 0.16;

/** Ridge behind ridge from the horizon to the viewer, and what stands or lies in front. */
export function layersOf(
  palette: Palette,
  random: Random,
  size: Size,
  horizon: number,
  time: number,
): string {
  const count = Math.floor(random.between(4, 7));
  const shape = random.pick<Shape>(['peaks', 'peaks', 'hills', 'dunes']);
  const foreground = random.pick(['pines', 'pines', 'lake', 'bare']);
  const layers = Array.from({ length: count }, (_, layer) => {
    const depth = layer / (count - 1);
    const base = horizon + (size.height * 0.92 - horizon) * depth ** 1.15;
    const rise = size.height * random.between(0.1, 0.19) * (1.15 - 0.55 * depth);
    // Near layers are smooth: sharp peaks belong to the distance.
    const profile = profileOf(depth > 0.55 && shape === 'peaks' ? 'hills' : shape, random);
    const water =
      foreground === 'lake' && layer === count - 2 ? lake(palette, random, size, time) : '';
    const colour = mix(palette.far, palette.near, depth);
    // Mist gathers at the foot of each ridge, less of it the nearer it is.
    const foot = mix(colour, palette.sky[2], 0.5 * (1 - depth));
    const passed = CAMERA_WAY * depth * time;
    const ridge: Ridge = { profile, base, rise, colour, foot, depth, passed };
    const trees = foreground === 'pines' && layer >= count - 2 ? pines(ridge, random, size) : '';
    return water + trees + drawn(ridge, layer, size);
  });
  return layers.join('\n');
}

/** The two nearest layers, low, with their trees. */
export function foregroundOf(palette: Palette, random: Random, size: Size): string {
  return [0.7, 1]
    .map((depth, layer) => {
      const colour = mix(palette.far, palette.near, depth);
      const ridge: Ridge = {
        profile: profileOf('hills', random),
        base: size.height * (0.86 + 0.12 * layer),
        rise: size.height * random.between(0.07, 0.13),
        colour,
        foot: colour,
        depth,
        passed: 0,
      };
      return pines(ridge, random, size) + drawn(ridge, layer, size);
    })
    .join('\n');
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

function drawn(ridge: Ridge, layer: number, { width, height }: Size): string {
  const { profile, base, rise, passed } = ridge;
  const line = Array.from({ length: STEPS + 1 }, (_, step) => {
    const x = step / STEPS;
    return `L${(x * width).toFixed(1)} ${(base - rise * profile(x + passed)).toFixed(1)}`;
  }).join('');
  return `<defs><linearGradient id="ridge${layer}" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="${css(ridge.colour)}"/>
<stop offset="0.75" stop-color="${css(ridge.foot)}"/></linearGradient></defs>
<path d="M0 ${height}${line}L${width} ${height}Z" fill="url(#ridge${layer})"/>`;
}

function pines(ridge: Ridge, random: Random, { width, height }: Size): string {
  const { profile, base, rise, colour, depth, passed } = ridge;
  const count = Math.floor(random.between(14, 34));
  return Array.from({ length: count }, () => {
    // Also to the right of the picture: a moving camera comes by there.
    const x = random.between(0, 1 + CAMERA_WAY);
    const foot = base - rise * profile(x) + height * 0.012;
    const tall = height * random.between(0.045, 0.1) * (0.45 + 0.55 * depth);
    const tier = (from: number, to: number, half: number): string =>
      `M${((x - passed) * width).toFixed(1)} ${(foot - tall * to).toFixed(1)}l${(tall * half).toFixed(1)} ${(tall * (to - from)).toFixed(1)}h${(-2 * tall * half).toFixed(1)}Z`;
    return `<path d="${tier(0, 0.6, 0.2)}${tier(0.28, 0.82, 0.15)}${tier(0.52, 1, 0.1)}" fill="${css(colour)}"/>`;
  }).join('');
}

function lake(palette: Palette, random: Random, { width, height }: Size, time: number): string {
  const top = height * 0.74;
  const glints = Array.from({ length: 26 }, () => {
    const y = random.between(top + 3, height);
    const length = width * random.between(0.03, 0.2) * (0.4 + (y - top) / (height - top));
    const x = random.between(-0.05, 1) * width + 0.3 * length * Math.sin(2 * Math.PI * time + y);
    return `<rect x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${length.toFixed(1)}" height="${(height * 0.004).toFixed(1)}" rx="${(height * 0.002).toFixed(1)}" fill="${css(palette.light)}" opacity="${random.between(0.15, 0.5).toFixed(2)}"/>`;
  }).join('');
  return `<defs><linearGradient id="lake" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="${css(palette.sky[2])}"/>
<stop offset="1" stop-color="${css(palette.sky[0])}"/></linearGradient></defs>
<rect y="${top.toFixed(1)}" width="${width}" height="${(height - top).toFixed(1)}" fill="url(#lake)"/>${glints}`;
}
