import { frameOf } from './film.js';
import { sceneFor } from './image.js';
import type { Maker, Medium } from './medium.js';
import { drawn, encoded, sharpOf } from './picture.js';
import { sceneOf } from './scene.js';
import { isAnimation, isPicture, refusedOf, subjectOf } from './sources.js';

/** The first or the last frame of a film: taken from the given animation, or drawn as the prompt's film begins or ends. */
export function frameAt(place: 'start' | 'end'): Medium {
  return {
    name: 'a frame',
    // Without loss: a frame has the film's own pixels.
    formats: ['png'],
    maxSide: 1024,
    durationsMs: null,
    check: (request) =>
      refusedOf(request, isPicture, ({ contentType }) =>
        contentType.startsWith('video/')
          ? 'frames are taken from animated WebP and GIF only. Leave it out to have the frame drawn from the prompt, or save a picture of the film and give that.'
          : 'a frame is drawn from pictures, leave it out.',
      ),
    async begin(job, settings): Promise<Maker> {
      const subject = subjectOf(job);
      if (subject && isAnimation(subject)) {
        // Further outputs are the neighbours of that frame.
        return async (index) => {
          const pick = (count: number): number =>
            place === 'start' ? Math.min(index, count - 1) : Math.max(0, count - 1 - index);
          return encoded(sharpOf(await frameOf(subject, pick)), 'png');
        };
      }
      const scene = await sceneFor(job, settings);
      const time = place === 'start' ? 0 : 1;
      return async (index) =>
        encoded(sharpOf(await drawn(sceneOf({ ...scene, index, time }))), 'png');
    },
  };
}
