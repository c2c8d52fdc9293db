import type { ActionKind } from './catalog.js';

/**
 * What is stored here: each media type with the extensions of its files, first the one new files get. No active content: what
 * a browser would run (SVG, HTML) is none of them.
 */
const EXTENSIONS: ReadonlyMap<string, readonly string[]> = new Map([
  ['image/png', ['png']],
  ['image/jpeg', ['jpg', 'jpeg']],
  ['image/webp', ['webp']],
  ['image/avif', ['avif']],
  ['image/gif', ['gif']],
  ['video/mp4', ['mp4']],
  ['video/webm', ['webm']],
  ['audio/mpeg', ['mp3']],
  ['audio/wav', ['wav']],
  ['audio/ogg', ['ogg']],
  ['audio/flac', ['flac']],
  ['audio/mp4', ['m4a']],
  ['application/json', ['json']],
  ['text/plain', ['txt']],
]);

const CONTENT_TYPES: ReadonlyMap<string, string> = new Map(
  [...EXTENSIONS].flatMap(([contentType, extensions]) =>
    extensions.map((extension) => [extension, contentType] as const),
  ),
);

/** The extension, without a dot, of a new file of this media type (its parameters do not matter); `bin` when unknown. */
export function extensionOf(contentType: string): string {
  const [essence = ''] = contentType.split(';', 1);
  return EXTENSIONS.get(essence.trim().toLowerCase())?.[0] ?? 'bin';
}

/** The media type of files with this extension, given without a dot; `application/octet-stream` when unknown. */
export function contentTypeOf(extension: string): string {
  return CONTENT_TYPES.get(extension.toLowerCase()) ?? 'application/octet-stream';
}

const ACCEPTED: Readonly<Record<ActionKind, RegExp>> = {
  image: /^image\//,
  // An animated picture is a film, too.
  video: /^(video\/|image\/(webp|gif|avif)$)/,
  audio: /^audio\//,
  style: /^(image\/|application\/json$)/,
  changes: /^(image|video|audio)\//,
  frame: /^image\//,
  prompt: /^text\/plain$/,
};

/** Whether a file of this media type is what an action of this kind makes. */
export function isAccepted(kind: ActionKind, contentType: string): boolean {
  return ACCEPTED[kind].test(contentType);
}
