import { blend, mix, rgbOf } from './colour.js';
import type { Colour } from './colour.js';
import type { Palette } from './palette.js';
import type { Pixels } from './picture.js';
import { randomOf } from './random.js';
import type { Scene } from './scene.js';

/** New colours for old ones: what was dark gets a palette's dark, what was light its light. Shapes stay. */
export interface Toning {
  /** RGB for each of 256 shades. */
  ramp: Uint8Array;
  /** How much of the new colour shows, from 0 to 1. */
  strength: number;
}

const SHADES = 256;

/** Every prompt, seed and index has another one: duotones, and every other time a poster of some flat shades. */
export function pictureToning(sample: Pixels, scene: Looks): Toning {
  // Chosen once for all variations, then in turn: neighbours differ in kind, too.
  const first = randomOf('toning', scene.prompt, scene.seed).pick([0, 1]);
  return toningOf(sample, scene, (first + scene.index) % 2 === 1);
}

/** Duotones only: in flat shades the blocks of a film's compression would be seen. */
export function filmToning(sample: Pixels, scene: Looks): Toning {
  return toningOf(sample, scene, false);
}

type Looks = Pick<Scene, 'palette' | 'prompt' | 'seed' | 'index'>;

/** Fits the shades of `sample`. */
function toningOf(
  sample: Pixels,
  { palette, prompt, seed, index }: Looks,
  isPoster: boolean,
): Toning {
  const random = randomOf('toning', prompt, seed, index);
  const strength = isPoster ? random.between(0.78, 0.92) : random.between(0.64, 0.82);
  const steps = isPoster ? Math.floor(random.between(5, 8)) : SHADES;
  const spread = spreadOf(sample);
  const colours = rampOf(palette, steps);
  const ramp = new Uint8Array(SHADES * 3);
  for (let shade = 0; shade < SHADES; shade += 1) {
    ramp.set(colours.subarray((spread[shade] ?? 0) * 3).subarray(0, 3), shade * 3);
  }
  return { ramp, strength };
}

// Of the way to a picture with as much of every shade: all of it makes noise of plain skies.
const EVENING = 0.6;

/** Where each shade goes so that a pale or a dark picture has the whole ramp, too. */
function spreadOf({ data, channels }: Pixels): Uint8Array {
  const counts = new Uint32Array(SHADES);
  for (let at = 0; at + 2 < data.length; at += channels) {
    const shade = shadeOf(data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0);
    counts[shade] = (counts[shade] ?? 0) + 1;
  }
  const whole = data.length / channels;
  let below = 0;
  return Uint8Array.from(counts, (count, shade) => {
    // The middle of its own rank: a picture of one shade keeps it about where it was.
    const even = ((below + count / 2) / whole) * (SHADES - 1);
    below += count;
    return Math.round(shade + (even - shade) * EVENING);
  });
}

function rampOf({ near, far, sky, light }: Palette, steps: number): Uint8Array {
  // From dark to light, whatever they are in the palette: a shape keeps its shadows.
  const stops = [near, mix(near, far, 0.6), sky[1], sky[2], light].sort(byShade);
  const ramp = new Uint8Array(SHADES * 3);
  for (let shade = 0; shade < SHADES; shade += 1) {
    const level = (steps === SHADES ? shade : stepped(shade, steps)) / (steps - 1);
    const at = level * (stops.length - 1);
    const colour = blend(stops[Math.floor(at)] ?? light, stops[Math.ceil(at)] ?? light, at % 1);
    ramp.set(rgbOf(colour), shade * 3);
  }
  return ramp;
}

function byShade(one: Colour, other: Colour): number {
  return shadeOf(...rgbOf(one)) - shadeOf(...rgbOf(other));
}

/** The step a shade is on, from one to the next by a short slope: an edge without one is ragged where a sky slowly darkens. */
function stepped(shade: number, steps: number): number {
  const at = (shade / (SHADES - 1)) * (steps - 1);
  const share = Math.min(1, Math.max(0, (at % 1) * 2.5 - 0.75));
  return Math.floor(at) + share * share * (3 - 2 * share);
}

/** How light it looks: whole, from 0 to 255. */
function shadeOf(red: number, green: number, blue: number): number {
  return (77 * red + 150 * green + 29 * blue) >> 8;
}

/** A copy with other colours; transparency stays. */
export function toned(pixels: Pixels, { ramp, strength }: Toning): Pixels {
  const { channels } = pixels;
  const data = Buffer.from(pixels.data);
  const keep = 1 - strength;
  for (let at = 0; at + 2 < data.length; at += channels) {
    const red = data[at] ?? 0;
    const green = data[at + 1] ?? 0;
    const blue = data[at + 2] ?? 0;
    const shade = shadeOf(red, green, blue) * 3;
    data[at] = keep * red + strength * (ramp[shade] ?? 0);
    data[at + 1] = keep * green + strength * (ramp[shade + 1] ?? 0);
    data[at + 2] = keep * blue + strength * (ramp[shade + 2] ?? 0);
  }
  return { ...pixels, data };
}
