import sharp from 'sharp';
import type { Job, Source } from '../../provider.js';
import { FRAME_RATE, MAX_FILM_SIDE, encodedFilm, readFilm } from './film.js';
import type { Film } from './film.js';
import { sceneFor, seedFor } from './image.js';
import type { Maker, Medium } from './medium.js';
import { paletteOf } from './palette.js';
import { drawn, look, pixelsOf, sharpOf } from './picture.js';
import type { Pixels } from './picture.js';
import { randomOf } from './random.js';
import { overlayOf, sceneOf } from './scene.js';
import type { Scene } from './scene.js';
import type { Size, SketchSettings } from './settings.js';
import { isAnimation, isPicture, isStyle, refusedOf, subjectOf } from './sources.js';
import { paletteIn } from './tint.js';
import { toned, filmToning } from './tone.js';

const DEFAULT_SIZE: Size = { width: 256, height: 256 };
const DEFAULT_DURATION_MS = 2000;

const shared = {
  name: 'a video',
  formats: ['webp'],
  maxSide: MAX_FILM_SIDE,
  durationsMs: { min: 500, max: 4000 },
  check: (request) =>
    refusedOf(
      request,
      isPicture,
      () => 'a sketch of a video reads pictures and animated WebP or GIF only, leave it out.',
    ),
} satisfies Partial<Medium>;

/** An animated WebP: a landscape that the camera moves through, or one that begins with the given picture. */
export const generatedVideo: Medium = {
  ...shared,
  async begin(job, settings): Promise<Maker> {
    const film = await filming(job, settings);
    return async (index) => encodedFilm(await film(index));
  },
};

type Motion = 'forwards' | 'backwards' | 'slow';

/** Every frame of the given animation in other colours, now and then backwards or slower. */
export const editedVideo: Medium = {
  ...shared,
  async begin(job, settings): Promise<Maker> {
    const subject = subjectOf(job);
    const film =
      subject && isAnimation(subject)
        ? await readFilm(subject)
        : await filming(job, settings).then((make) => make(0));
    const { prompt, seed } = seedFor(job, settings);
    const sample = together(film.frames);
    const style = job.sources.find(isStyle);
    const given = style && (await paletteIn(style));
    return (index) => {
      const palette = given ?? paletteOf(`edit ${prompt}`, seed, index);
      const toning = filmToning(sample, { palette, prompt, seed, index });
      const frames = film.frames.map((frame) => toned(frame, toning));
      const random = randomOf('motion', prompt, seed, index);
      return encodedFilm(
        moved({ ...film, frames }, random.pick<Motion>(['forwards', 'backwards', 'slow'])),
      );
    };
  },
};

/** All frames as one picture: what is told from it holds for the whole film, which would flicker otherwise. */
function together(frames: readonly Pixels[]): Pixels {
  const [first] = frames;
  if (!first) throw new Error('a film without frames');
  const data = Buffer.concat(frames.map((frame) => frame.data));
  return { ...first, height: first.height * frames.length, data };
}

function moved({ frames, delaysMs }: Film, motion: Motion): Film {
  if (motion === 'backwards') {
    return { frames: frames.toReversed(), delaysMs: delaysMs.toReversed() };
  }
  const pace = motion === 'slow' ? 1.5 : 1;
  return { frames, delaysMs: delaysMs.map((delayMs) => Math.round(delayMs * pace)) };
}

async function filming(
  job: Job,
  settings: SketchSettings,
): Promise<(index: number) => Promise<Film>> {
  const durationMs = settings.durationMs ?? DEFAULT_DURATION_MS;
  const scene = await sceneFor(job, settings, DEFAULT_SIZE);
  const [start, end] = job.sources.filter((source) => isPicture(source) && !isStyle(source));
  const first = start && (await coverOf(start, detailed(scene.size)));
  const last = end && (await coverOf(end, scene.size));
  return async (index) => {
    const count = Math.round((durationMs / 1000) * FRAME_RATE);
    const frames: Pixels[] = [];
    for (let frame = 0; frame < count; frame += 1) {
      const moment = { ...scene, index, time: frame / (count - 1) };
      frames.push(await (first ? shot(first, last, moment) : drawn(sceneOf(moment))));
    }
    return { frames, delaysMs: delaysOf(durationMs, count) };
  };
}

/** Whole milliseconds that add up to the duration. */
function delaysOf(durationMs: number, count: number): number[] {
  const until = (frame: number): number => Math.round((durationMs * frame) / count);
  return Array.from({ length: count }, (_, frame) => until(frame + 1) - until(frame));
}

/** Twice as large as the film: the picture stays sharp, and moves smoothly, when the camera comes near. */
function detailed({ width, height }: Size): Size {
  return { width: 2 * width, height: 2 * height };
}

function coverOf(source: Source, { width, height }: Size): Promise<Pixels> {
  return look(source, (picture) =>
    pixelsOf(picture.flatten({ background: 'white' }).resize(width, height, { fit: 'cover' })),
  );
}

// Of a side: as near as the camera comes.
const CLOSEST = 0.78;

/** A camera that comes nearer: the first moment is the picture itself. The last is the other one, or has the prompt's light and land. */
async function shot(first: Pixels, last: Pixels | undefined, scene: Scene): Promise<Pixels> {
  const { prompt, seed, index, size, time } = scene;
  const random = randomOf('camera', prompt, seed, index);
  const share = 1 - (1 - CLOSEST) * time;
  const window = {
    width: Math.round(first.width * share),
    height: Math.round(first.height * share),
  };
  const near = await pixelsOf(
    sharpOf(first)
      .extract({
        left: Math.floor(random.between(0, 1) * (first.width - window.width)),
        top: Math.floor(random.between(0, 1) * (first.height - window.height)),
        ...window,
      })
      .resize(size.width, size.height, { fit: 'fill' }),
  );
  if (last) return laidOver(near, last, time ** 2);
  // Quick at first, then slower, as things come to rest.
  const arrival = 1 - (1 - time) ** 2;
  return laidOver(near, await pixelsOf(sharp(Buffer.from(overlayOf(scene, arrival)))), 1);
}

function laidOver(below: Pixels, above: Pixels, opacity: number): Pixels {
  const data = Buffer.from(below.data);
  const hasAlpha = above.channels === 4;
  for (let from = 0, to = 0; from < data.length; from += below.channels, to += above.channels) {
    const share = hasAlpha ? (opacity * (above.data[to + 3] ?? 0)) / 255 : opacity;
    if (share === 0) continue;
    for (let channel = 0; channel < 3; channel += 1) {
      const under = data[from + channel] ?? 0;
      const over = above.data[to + channel] ?? 0;
      // Half a shade more: what is stored is rounded down.
      data[from + channel] = under + (over - under) * share + 0.5;
    }
  }
  return { ...below, data };
}
