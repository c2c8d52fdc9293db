import { ask } from '/studio/api.js';
import { ONE } from '/studio/documents.js';
import { isPicture, onThisOrigin } from '/studio/media.js';
import { announce, button, find, icon, make } from '/studio/page.js';
import { problemOf, uploadPicture } from '/studio/upload.js';
import { ONE_ITEM } from '/studio/workspace-documents.js';

const MOST_INPUTS = 8;

/** What the next generation works on: at most eight outputs, items, and pictures on their way up. */
export function makeTray({ onProblem, onRefusal, onChange }) {
  const places = [];

  const draw = () => {
    find('inputs').replaceChildren(...places.map(({ item }) => item));
    find('inputs').hidden = places.length === 0;
    onChange();
  };

  const drop = (place) => {
    places.splice(places.indexOf(place), 1);
    place.abort?.();
    draw();
  };

  const remove = (place) => {
    const index = places.indexOf(place);
    drop(place);
    const next = places[index] ?? places[index - 1];
    (next?.remove ?? find('picture')).focus();
  };

  const clear = () => {
    for (const { abort } of places.splice(0)) abort?.();
    draw();
  };

  /** A place in the tray; null, and the person is told, when all are taken. */
  const take = (name) => {
    if (places.length === MOST_INPUTS) {
      onProblem(`There is room for ${MOST_INPUTS} inputs. Remove one first.`);
      return null;
    }
    const place = { id: null, item: make('li', { class: 'input' }) };
    place.remove = button(`Remove ${name}`, {
      icon: 'close',
      bare: true,
      kind: 'remove',
      onclick: () => remove(place),
    });
    places.push(place);
    return place;
  };

  const fill = (place, output, name) => {
    place.id = output.id;
    const shown = isPicture(output)
      ? make('img', { src: onThisOrigin(output.thumbnailUrl ?? output.url), alt: name })
      : make('span', { class: 'sign', title: name }, icon(isSound(output) ? 'sound' : 'file'));
    place.item.replaceChildren(shown, place.remove);
  };

  const add = (output, name) => {
    if (places.some(({ id }) => id === output.id)) return;
    const place = take(name);
    if (place === null) return;
    fill(place, output, name);
    draw();
    announce(`${name} is an input now.`);
  };

  const upload = async (file) => {
    const problem = problemOf(file);
    if (problem !== null) return onProblem(problem);
    const place = take(file.name);
    if (place === null) return;
    const preview = window.URL.createObjectURL(file);
    const progress = make('progress', { max: 1, value: 0, 'aria-label': `Uploading ${file.name}` });
    place.item.replaceChildren(make('img', { src: preview, alt: '' }), progress, place.remove);
    const stop = new window.AbortController();
    place.abort = () => stop.abort();
    draw();
    try {
      const onProgress = (share) => (progress.value = share);
      const generation = await uploadPicture(file, { onProgress, signal: stop.signal });
      place.abort = undefined;
      fill(place, generation.outputs[0], file.name);
      announce(`${file.name} is uploaded. It is free.`);
      onChange();
    } catch (refusal) {
      if (stop.signal.aborted) return;
      place.abort = undefined;
      drop(place);
      onRefusal(refusal);
    } finally {
      window.URL.revokeObjectURL(preview);
    }
  };

  return {
    add,
    upload: (files) => Promise.all([...files].map(upload)),
    ids: () => places.map(({ id }) => id),
    isUploading: () => places.some(({ id }) => id === null),
    clear,
    /** Fills it with what an earlier generation worked on. Tells the person about what is no longer there. */
    async fill(ids) {
      clear();
      const found = await Promise.all(ids.map(lookUp));
      for (const output of found) if (output !== null) add(output, output.fileName);
      if (found.includes(null)) onProblem('Some of its inputs are no longer there.');
    },
  };
}

const isSound = ({ contentType }) => contentType.startsWith('audio/');

/** An output is named by its generation's id, a dot, and its place; anything else is an item of a workspace. */
async function lookUp(id) {
  if (id.startsWith('item_')) return (await ask(ONE_ITEM, { id })).node;
  const { generation } = await ask(ONE, { id: id.slice(0, id.lastIndexOf('.')) });
  return generation?.outputs.find((output) => output.id === id) ?? null;
}
