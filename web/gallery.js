import { ask } from '/studio/api.js';
import { drawCard, factsOf, isOpen } from '/studio/cards.js';
import { CANCEL, HISTORY, ONE } from '/studio/documents.js';
import { announce, find, make } from '/studio/page.js';

const PAGE_SIZE = 12;

/** The history, newest first, and every change to it as it happens. */
export function makeGallery({ onReuse, onRefusal }) {
  const known = new Map();
  let endCursor = null;

  const draw = (entry) => {
    entry.facts = factsOf(entry.generation);
    const { id } = entry.generation;
    const hadFocus = entry.card.contains(document.activeElement);
    drawCard(entry.card, entry.generation, {
      expected: entry.expected,
      onCancel: () => cancel(id),
      onReuse: () => onReuse(entry.generation),
      onStale: () => void reread(entry),
    });
    if (hadFocus) entry.card.querySelector('button').focus();
  };

  /** Links once found expired are read anew once; if they fail again, the file itself is gone. */
  const reread = async (entry) => {
    if (entry.reread) return;
    entry.reread = true;
    try {
      const { generation } = await ask(ONE, { id: entry.generation.id });
      if (generation === null) return;
      entry.generation = generation;
      draw(entry);
    } catch (refusal) {
      onRefusal(refusal);
    }
  };

  const cancel = async (id) => {
    try {
      show((await ask(CANCEL, { id })).cancelGeneration);
    } catch (refusal) {
      onRefusal(refusal);
    }
  };

  /** Draws a generation, or what changed in it. News may overtake each other: an ended one never opens again. */
  const show = (generation, expected) => {
    const entry = known.get(generation.id);
    if (entry === undefined) {
      const added = { generation, expected, card: make('article', { class: 'card' }) };
      known.set(generation.id, added);
      place(added);
      draw(added);
      find('gallery-empty').hidden = true;
      return;
    }
    if (expected !== undefined) entry.expected = expected;
    if (isOpen(generation) && !isOpen(entry.generation)) return;
    const ended = isOpen(entry.generation) && !isOpen(generation);
    entry.generation = generation;
    if (factsOf(generation) !== entry.facts) draw(entry);
    if (ended)
      announce(`${generation.action.name}: ${entry.card.querySelector('.charge').textContent}`);
  };

  const place = ({ generation, card }) => {
    const age = `${generation.createdAt} ${generation.id}`;
    const item = make('li', { 'data-age': age }, card);
    const older = [...find('cards').children].find((other) => other.dataset.age < age);
    find('cards').insertBefore(item, older ?? null);
  };

  const load = async (after) => {
    const { generations } = await ask(HISTORY, { first: PAGE_SIZE, after });
    for (const { node } of generations.edges) show(node);
    return generations.pageInfo;
  };

  const turn = (pageInfo) => {
    endCursor = pageInfo.endCursor;
    find('more').hidden = !pageInfo.hasNextPage;
    find('gallery-empty').hidden = known.size > 0;
  };

  return {
    show,
    hasOpen: () => [...known.values()].some(({ generation }) => isOpen(generation)),
    async start() {
      turn(await load(null));
    },
    async showMore() {
      turn(await load(endCursor));
    },
    /** Reads the newest page anew, where news may have been missed. */
    async catchUp() {
      await load(null);
      for (const { generation } of known.values()) {
        if (isOpen(generation))
          show((await ask(ONE, { id: generation.id })).generation ?? generation);
      }
    },
    clear() {
      known.clear();
      find('cards').replaceChildren();
    },
  };
}
