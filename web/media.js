import { make, seconds } from '/studio/page.js';

// Longer texts are downloaded rather than read on a card.
const MOST_TEXT_BYTES = 64 * 1024;
const THUMBNAIL_SIDE = 320;

// They work for an hour; the rest is for who is about to press one.
const LINKS_WORK_MS = 50 * 60 * 1000;

/** Whether links that were read then may have run out. */
export const haveRunOut = (readAt) => Date.now() - readAt > LINKS_WORK_MS;

/** How a file is shown: `picture`, `animation`, `video`, `audio` or `text`. */
export function mediumOf({ contentType, durationMs }) {
  const [type] = contentType.split('/');
  if (type === 'image') return (durationMs ?? 0) > 0 ? 'animation' : 'picture';
  return type === 'video' || type === 'audio' ? type : 'text';
}

export const isPicture = ({ contentType }) => contentType.startsWith('image/');

/** The gateway that serves this page serves its files: take them from here, whatever name it knows itself by. */
export function onThisOrigin(url) {
  const { pathname, search } = new window.URL(url, location.href);
  return pathname + search;
}

/**
 * The elements that show or play an output or an item. `large`: the file itself instead of what fits a card. `onStale`: it
 * cannot be loaded, most likely because its link has run out.
 */
export function showMedia(output, { alt, onStale, large = false }) {
  const medium = mediumOf(output);
  if (medium === 'text') return [textOf(output, onStale)];
  const element =
    medium === 'picture' || medium === 'animation'
      ? pictureOf(output, alt, large || medium === 'animation')
      : make(medium, {
          src: onThisOrigin(output.url),
          controls: true,
          preload: 'metadata',
          'aria-label': alt,
        });
  element.addEventListener('error', onStale, { once: true });
  return medium === 'animation' ? animationOf(element, output) : [element];
}

function pictureOf({ url, thumbnailUrl, width, height }, alt, whole) {
  const image = make('img', { alt, decoding: 'async', loading: 'lazy' });
  if (width !== null && height !== null) Object.assign(image, { width, height });
  if (!whole && thumbnailUrl !== null && width > THUMBNAIL_SIDE) {
    const small = Math.round(width * Math.min(1, THUMBNAIL_SIDE / Math.max(width, height)));
    image.sizes = 'auto, 20rem';
    image.srcset = `${onThisOrigin(thumbnailUrl)} ${small}w, ${onThisOrigin(url)} ${width}w`;
  }
  image.src = onThisOrigin(url);
  return image;
}

/** Moves unless the person would rather have less of that, and can be stopped and started. */
function animationOf(image, { url, thumbnailUrl, durationMs }) {
  if (thumbnailUrl === null) return [image];
  const button = make('button', { type: 'button', class: 'over play' });
  let moving = !window.matchMedia('(prefers-reduced-motion: reduce)').matches;
  const turn = () => {
    image.src = onThisOrigin(moving ? url : thumbnailUrl);
    button.textContent = `${moving ? '❚❚' : '▶'} ${seconds(durationMs)}`;
    button.ariaLabel = `${moving ? 'Pause' : 'Play'} the animation, ${seconds(durationMs)}`;
  };
  button.addEventListener('click', () => {
    moving = !moving;
    turn();
  });
  turn();
  return [image, button];
}

function textOf({ url, bytes, fileName }, onStale) {
  const text = make('p', { class: 'prose' }, fileName);
  if (bytes <= MOST_TEXT_BYTES) {
    const read = async () => {
      const response = await fetch(onThisOrigin(url));
      if (response.ok) text.textContent = await response.text();
      else onStale();
    };
    // Without a connection the name stays; downloading it is still possible later.
    read().catch(() => undefined);
  }
  return text;
}

/** "1024 × 768 · 3.0 s · 1.2 MB", as far as it is known. */
export function factsOfFile({ contentType, width, height, durationMs, bytes }) {
  return [
    contentType,
    width === null || height === null ? null : `${width} × ${height}`,
    durationMs ? seconds(durationMs) : null,
    inBytes(bytes),
  ]
    .filter((fact) => fact !== null)
    .join(' · ');
}

function inBytes(bytes) {
  if (bytes < 1_000) return `${bytes} bytes`;
  const [unit, size] = bytes < 1_000_000 ? ['kilobyte', 1_000] : ['megabyte', 1_000_000];
  const format = { style: 'unit', unit, maximumFractionDigits: bytes < 10 * size ? 1 : 0 };
  return new Intl.NumberFormat(undefined, format).format(bytes / size);
}
