import type { ProviderRequest } from '../../provider.js';
import { editedAudio, generatedAudio } from './audio.js';
import { frameAt } from './frame.js';
import { editedImage, generatedImage } from './image.js';
import type { Medium } from './medium.js';
import { isAnimation, isPicture, isSound, subjectOf } from './sources.js';
import { style } from './style.js';
import { editedVideo, generatedVideo } from './video.js';

/** What serves a request; a string says why nothing does. */
export function mediumOf(request: ProviderRequest): Medium | string {
  // The catalogue may have actions of its own: what they are called says what they do.
  const words = request.action.split(/[._-]/);
  const isEdit = words.includes('edit');
  switch (request.kind) {
    case 'image':
      return isEdit ? editedImage : generatedImage;
    case 'video':
      return isEdit ? editedVideo : generatedVideo;
    case 'audio':
      return isEdit ? editedAudio : generatedAudio;
    case 'style':
      return style;
    case 'frame':
      return frameAt(words.includes('end') ? 'end' : 'start');
    case 'changes':
      return changing(request);
    case 'prompt':
      return 'A sketch writes no text: the provider "builtin" serves this action.';
  }
}

/** Changes are edits of whatever is given. */
function changing(request: ProviderRequest): Medium | string {
  const subject = subjectOf(request);
  if (!subject) return editedImage;
  if (isAnimation(subject)) return editedVideo;
  if (isPicture(subject)) return editedImage;
  if (isSound(subject)) return editedAudio;
  return `A sketch changes pictures, animated WebP and GIF, and WAV recordings; the input is ${subject.contentType}.`;
}
