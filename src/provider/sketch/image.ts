import type { Job } from '../../provider.js';
import type { Maker, Medium } from './medium.js';
import { paletteOf } from './palette.js';
import type { Palette } from './palette.js';
import { drawn, encoded, pixelsWithin, sharpOf } from './picture.js';
import type { PictureFormat, Pixels } from './picture.js';
import { seedOf } from './random.js';
import { overlayOf, sceneOf } from './scene.js';
import type { Scene } from './scene.js';
import type { Size, SketchSettings } from './settings.js';
import { isPicture, isStyle, paletteSourceOf, refusedOf, subjectOf } from './sources.js';
import { paletteIn } from './tint.js';
import { toned, pictureToning } from './tone.js';

const FORMATS = ['png', 'webp', 'jpeg'];
const DEFAULT_SIZE: Size = { width: 512, height: 512 };
// Other providers draw up to 1792: what falls back to a sketch need not be asked for anew.
const MAX_SIDE = 1792;
const MAX_EDITED_SIDE = 1024;

const onlyPictures: Medium['check'] = (request) =>
  refusedOf(request, isPicture, () => 'a sketch of an image takes pictures only, leave it out.');

/** A landscape in the colours of the job's style or picture, if it has one. */
export const generatedImage: Medium = {
  name: 'an image',
  formats: FORMATS,
  maxSide: MAX_SIDE,
  durationsMs: null,
  check: onlyPictures,
  async begin(job, settings): Promise<Maker> {
    const scene = await sceneFor(job, settings);
    const format = formatOf(settings.format);
    return async (index) => {
      const pixels = await drawn(sceneOf({ ...scene, index }));
      return encoded(sharpOf(pixels), format);
    };
  },
};

/** The given picture in other colours, with other light and something standing in front; one drawn first, if none is given. */
export const editedImage: Medium = {
  name: 'an image',
  formats: FORMATS,
  maxSide: MAX_SIDE,
  durationsMs: null,
  check: onlyPictures,
  async begin(job, settings): Promise<Maker> {
    const subject = subjectOf(job);
    const { prompt, seed } = seedFor(job, settings);
    const style = job.sources.find(isStyle);
    const given = style && (await paletteIn(style));
    const base = subject
      ? await pixelsWithin(subject, MAX_EDITED_SIDE)
      : await drawn(sceneOf(await sceneFor(job, settings)));
    const format = formatOf(settings.format ?? subject?.contentType.replace(/^image\//, ''));
    return (index) => {
      const palette = given ?? paletteOf(`edit ${prompt}`, seed, index);
      return edited(base, { prompt, seed, index, palette, size: base }, format);
    };
  },
};

async function edited(
  base: Pixels,
  scene: Omit<Scene, 'time'>,
  format: PictureFormat,
): Promise<Uint8Array> {
  const pixels = toned(base, pictureToning(base, scene));
  const whole = sharpOf(pixels).composite([{ input: Buffer.from(overlayOf(scene, 1)) }]);
  // Laying over gives every picture an alpha channel.
  return encoded(base.channels === 3 ? whole.removeAlpha() : whole, format);
}

/** The scene a job asks for, its first variation, standing still. */
export async function sceneFor(
  job: Job,
  settings: SketchSettings,
  size = DEFAULT_SIZE,
): Promise<Scene> {
  const { prompt, seed } = seedFor(job, settings);
  const source = paletteSourceOf(job);
  const palette: Palette = source ? await paletteIn(source) : paletteOf(prompt, seed);
  return { prompt, seed, index: 0, palette, size: settings.size ?? size, time: 0 };
}

/** What everything sketched follows from. */
export function seedFor(job: Job, { seed }: SketchSettings): { prompt: string; seed: number } {
  const prompt = job.prompt ?? '';
  return { prompt, seed: seed ?? seedOf(prompt) };
}

function formatOf(asked: string | null | undefined): PictureFormat {
  return asked === 'webp' || asked === 'jpeg' ? asked : 'png';
}
