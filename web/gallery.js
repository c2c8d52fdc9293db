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
  // Cards above the page: of generations that may be in no page that was read.
  const others = new Set();
  let filter = null;
  let asking;

  const add = (generation) => {
    const parts = { composer, viewer, onRefusal, onChange, onGone, others };
    const entry = makeEntry(generation, parts);
    known.set(entry.id, entry);
    place(entry);
    list.say();
  };

  /** Where a child comes or goes, its parent says so. It is no loss when that has to wait. */
  const tellParent = ({ parent }) => {
    if (parent !== null)
      known
        .get(parent.id)
        ?.reread()
        .catch(() => undefined);
  };

  /** Something new, or newer. */
  const news = (generation) => {
    const isNew = !known.has(generation.id);
    show(generation);
    if (isNew) tellParent(generation);
  };

  const onGone = ({ id, generation }) => {
    gone.add(id);
    tellParent(generation);
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

  /** Draws what changed in a generation, wherever it is shown. */
  const onChange = (generation) => {
    for (const entry of others) if (entry.id === generation.id) entry.show(generation);
    if (known.get(generation.id)?.show(generation)) {
      announce(`${generation.action.name}: ${generation.charge.explanation}`);
    }
  };

  const show = (generation) => {
    if (gone.has(generation.id)) return;
    if (known.has(generation.id)) onChange(generation);
    else add(generation);
  };

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

  const choose = (wanted) => {
    filter = wanted;
    clear();
    find('gallery-empty-words').textContent =
      wanted === null
        ? 'Nothing here yet. Your first generation will appear here.'
        : 'Nothing matches these filters.';
    find('gallery-all').hidden = wanted === null;
  };

  const catchUp = async () => {
    if (await list.catchUp(({ id }) => known.has(id))) return;
    clear();
    await list.start();
  };

  find('gallery-all').addEventListener('click', onClearFilter);

  return {
    show: news,
    hasOpen: () => [...known.values()].some(({ generation }) => isOpen(generation)),
    start: () => list.start(),
    /** Something changed anywhere. Under a filter, only the gateway knows whether it belongs here. */
    news(generation) {
      if (filter === null || known.has(generation.id)) return news(generation);
      clearTimeout(asking);
      asking = setTimeout(() => void catchUp().catch(onRefusal), ASK_AGAIN_AFTER_MS);
    },
    /** Shows only what matches; null: everything. */
    async filter(wanted) {
      choose(wanted);
      await list.start();
      announce(known.size === 0 ? 'Nothing matches.' : `${known.size} shown.`);
    },
    /** Reads the newest page anew, and what is open, where news may have been missed. */
    async catchUp() {
      await catchUp();
      for (const entry of [...known.values()].filter(({ generation }) => isOpen(generation))) {
        await entry.reread();
      }
    },
    /** Forgets everything, as when the person signs out. */
    clear() {
      choose(null);
      list.stop();
    },
  };
}
