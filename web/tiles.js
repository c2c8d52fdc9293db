import { isPicture, mediumOf, onThisOrigin, showMedia } from '/studio/media.js';
import { button, icon, make, number } from '/studio/page.js';

// Above this, pictures are too small for buttons on them; opening one shows them all.
const MOST_WITH_BUTTONS = 4;

/** What a generation delivered, or the places it will appear in. */
export function tilesOf(generation, isOpen, handlers) {
  const { outputs, outputCount } = generation;
  if (outputs.length > 0) {
    const crowded = outputs.length > MOST_WITH_BUTTONS;
    const shown = outputs.map((output, index) => {
      const bare = crowded && isPicture(output);
      return tileOf(output, nameOf(generation, index), { ...handlers, bare });
    });
    const stacked = outputs.every((output) => ['audio', 'text'].includes(mediumOf(output)));
    const layout = stacked ? 'stacked' : `n${outputs.length}`;
    return make('div', { class: `pictures ${layout}` }, shown);
  }
  if (!isOpen) {
    return make('div', { class: 'pictures nothing', 'aria-hidden': 'true' }, icon('nothing'));
  }
  const waiting = Array.from({ length: outputCount }, () => make('div', { class: 'tile waiting' }));
  return make('div', { class: `pictures n${outputCount}` }, waiting, progressOf(generation));
}

function nameOf({ action, outputs, prompt }, index) {
  const place = outputs.length > 1 ? ` ${index + 1} of ${outputs.length}` : '';
  return `${action.name}${place}: ${prompt || 'no prompt'}`;
}

/** One output or item, with what can be done to it at once. `name` says what it is, for who cannot see it. */
export function tileOf(output, name, { onOpen, onStale, freshen, bare = false }) {
  const medium = mediumOf(output);
  const shown = showMedia(output, { alt: name, onStale });
  const open = () => onOpen(output);
  const opener = { icon: 'more', bare: true, kind: 'over', onclick: open };
  return make(
    'figure',
    { class: `tile ${medium}` },
    isPicture(output) ? openedBy(shown, name, open) : [soundSign(medium), ...shown],
    bare
      ? null
      : make(
          'div',
          { class: 'tile-buttons' },
          downloadOf(output, name, freshen),
          button(`More about ${name}`, opener),
        ),
  );
}

/** A picture is a button: pressing it opens it. What plays has buttons of its own. */
function openedBy(shown, name, open) {
  const [image, ...others] = shown;
  const opening = { type: 'button', class: 'open', 'aria-label': `Open ${name}`, onclick: open };
  return [make('button', opening, image), ...others];
}

const soundSign = (medium) => (medium === 'audio' ? icon('sound') : null);

/** A link that saves the file. One that may have run out is asked for anew first. */
export function downloadOf(output, name, freshen, properties = { class: 'over' }) {
  const link = make(
    'a',
    {
      'aria-label': `Download ${name}`,
      title: 'Download',
      href: onThisOrigin(output.downloadUrl),
      download: output.fileName,
      ...properties,
    },
    icon('download'),
  );
  link.addEventListener('click', (event) => {
    const renewing = freshen(output);
    if (renewing === null) return;
    event.preventDefault();
    void renewing.then((fresh) => {
      if (fresh !== null) location.assign(onThisOrigin(fresh.downloadUrl));
    });
  });
  return link;
}

function progressOf({ progress }) {
  if (progress === null) return null;
  const label = `${number(Math.round(progress * 100))}% done`;
  return make('progress', { max: 1, value: progress, 'aria-label': label, title: label });
}

/** Shows newer progress in what `tilesOf` drew before, without drawing anything else again. */
export function moveProgress(card, { progress }) {
  const shown = card.querySelector('progress');
  if (shown !== null && progress !== null) shown.value = progress;
}
