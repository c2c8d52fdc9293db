import { ask } from '/studio/api.js';
import { isOpen } from '/studio/cards.js';
import { HISTORY } from '/studio/documents.js';
import { makeEntry } from '/studio/entry.js';
import { makeEndlessList } from '/studio/endless.js';
import { announce, find, make } from '/studio/page.js';

// News about generations a filter may or may not match: the gateway is asked, once for many.
const ASK_AGAIN_AFTER_MS = 500;

/** The history, newest first, and every change to it as it happens. */
export function makeGallery({ composer, viewer, onRefusal, onClearFilter }) {
  const known = new Map();
  // Late news must not bring back what was deleted.
  const gone = new Set();
  let filter = null;
  let asking;

  const add = (generation) => {
    const entry = makeEntry(generation, { composer, viewer, onRefusal, onChange, onGone });
    known.set(entry.id, entry);
    place(entry);
    list.say();
  };

  const onGone = ({ id }) => {
    gone.add(id);
    const item = known.get(id)?.card.parentElement;
    known.delete(id);
    if (item === undefined) return;
    const hadFocus =
      item.contains(document.activeElement) || document.activeElement === document.body;
    const next = item.nextElementSibling ?? item.previousElementSibling;
    item.remove();
    if (hadFocus) (next?.querySelector('.card-buttons button') ?? find('gallery-title')).focus();
    list.say();
    announce('Deleted.');
  };

  /** Draws a generation, or what changed in it. */
  const show = (generation) => {
    if (gone.has(generation.id)) return;
    const entry = known.get(generation.id);
    if (entry === undefined) add(generation);
    else if (entry.show(generation)) {
      announce(`${generation.action.name}: ${generation.charge.explanation}`);
    }
  };
  const onChange = show;

  const place = ({ generation, card }) => {
    const age = `${generation.createdAt} ${generation.id}`;
    const item = make('li', { 'data-age': age }, card);
    const older = [...find('cards').children].find((other) => other.dataset.age < age);
    find('cards').insertBefore(item, older ?? null);
  };

  const list = makeEndlessList({
    more: find('more'),
    empty: find('gallery-empty'),
    isEmpty: () => known.size === 0,
    async read(after) {
      const { generations } = await ask(HISTORY, { after, filter });
      return generations;
    },
    show,
    onRefusal,
  });

  const clear = () => {
    known.clear();
    find('cards').replaceChildren();
  };

  const catchUp = async () => {
    if (await list.catchUp(({ id }) => known.has(id))) return;
    clear();
    await list.start();
  };

  find('gallery-all').addEventListener('click', onClearFilter);

  return {
    show,
    hasOpen: () => [...known.values()].some(({ generation }) => isOpen(generation)),
    start: () => list.start(),
    /** Something changed anywhere. Under a filter, only the gateway knows whether it belongs here. */
    news(generation) {
      if (filter === null || known.has(generation.id)) return show(generation);
      clearTimeout(asking);
      asking = setTimeout(() => void catchUp().catch(onRefusal), ASK_AGAIN_AFTER_MS);
    },
    /** Shows only what matches; null: everything. */
    async filter(wanted) {
      filter = wanted;
      clear();
      find('gallery-empty-words').textContent =
        wanted === null
          ? 'Nothing here yet. Your first generation will appear here.'
          : 'Nothing matches these filters.';
      find('gallery-all').hidden = wanted === null;
      await list.start();
      announce(known.size === 0 ? 'Nothing matches.' : `${known.size} shown.`);
    },
    /** Reads the newest page anew, and what is open, where news may have been missed. */
    async catchUp() {
      await catchUp();
      for (const entry of [...known.values()].filter(({ generation }) => isOpen(generation))) {
        await entry.refresh();
      }
    },
    clear() {
      clear();
      list.stop();
    },
  };
}
