import { ask } from '/studio/api.js';
import { drawCard, factsOf, isOpen } from '/studio/cards.js';
import { openDialog, confirmed } from '/studio/dialog.js';
import { CANCEL, CHILDREN, DELETE, ONE } from '/studio/documents.js';
import { haveRunOut } from '/studio/media.js';
import { make } from '/studio/page.js';
import { moveProgress } from '/studio/tiles.js';

/**
 * One generation on a card, kept as it is now. `parts`: what its buttons need from elsewhere (`composer`, `viewer`,
 * `onRefusal`); `onChange(generation)`, `onGone(entry)` tell the owner of the card; `others` holds cards that are shown
 * elsewhere.
 */
export function makeEntry(generation, parts) {
  const { composer, viewer, onRefusal, onChange, onGone } = parts;
  const { id } = generation;
  const entry = { id, generation, card: make('article', { class: 'card' }), show, reread };
  let readAt = 0;
  let facts = '';

  function draw(keepTiles) {
    facts = factsOf(entry.generation);
    const hadFocus = entry.card.contains(document.activeElement);
    drawCard(entry.card, entry.generation, handlers, { keepTiles });
    const lost = hadFocus && !entry.card.contains(document.activeElement);
    if (lost) entry.card.querySelector('.card-buttons button')?.focus();
    if (!keepTiles) readAt = Date.now();
  }

  /** Takes over a newer reading. News may overtake each other: an ended one never opens again. True: it has just ended. */
  function show(newer) {
    const before = entry.generation;
    if (isOpen(newer) && !isOpen(before)) return false;
    entry.generation = newer;
    moveProgress(entry.card, newer);
    if (factsOf(newer) !== facts) draw(!isOpen(newer) && sameOutputs(newer, before));
    return isOpen(before) && !isOpen(newer);
  }

  /** Asks how it is now. Null: it is gone. */
  async function reread() {
    const { generation: fresh } = await ask(ONE, { id });
    if (fresh === null) onGone(entry);
    else onChange(fresh);
    return fresh;
  }

  /** Asks for fresh links, and draws them. */
  async function refresh() {
    const fresh = await reread();
    if (fresh !== null) draw(false);
    return fresh;
  }

  const attempt = async (work) => {
    try {
      return await work();
    } catch (refusal) {
      if (refusal.code === 'NOT_FOUND') onGone(entry);
      onRefusal(refusal);
      return null;
    }
  };

  const areStale = () => haveRunOut(readAt);
  const renew = async (output) =>
    (await attempt(refresh))?.outputs.find((fresh) => fresh.id === output.id) ?? null;
  const current = async (output) => (areStale() ? renew(output) : output);

  const handlers = {
    onStale: () => void (areStale() && attempt(refresh)),
    freshen: (output) => (areStale() ? renew(output) : null),
    onOpen: async (output) => {
      const shown = await current(output);
      if (shown !== null) viewer.output(entry.generation, shown, handlers.freshen);
    },
    onUse: (output) => composer.use(output, entry.generation.action),
    onUseText: async (output) => composer.useText((await current(output)) ?? output),
    onRefine: () => composer.refine(entry.generation),
    onRetry: () => composer.retry(entry.generation),
    onCancel: () => attempt(async () => onChange((await ask(CANCEL, { id })).cancelGeneration)),
    onDelete: () => attempt(remove),
    onParent: () =>
      attempt(async () => {
        const { generation: parent } = await ask(ONE, { id: entry.generation.parent.id });
        showRelatives('Refined from', parent === null ? [] : [parent], parts);
      }),
    onChildren: () =>
      attempt(async () => {
        const { generation: found } = await ask(CHILDREN, { id });
        const children = found?.children.edges.map(({ node }) => node) ?? [];
        showRelatives('Refined into', children, parts);
      }),
  };

  async function remove() {
    const counted = 'What it cost stays counted, and what you saved to a workspace stays there.';
    const text = `Its prompt and its files are deleted for good. ${counted}`;
    if (!(await confirmed('Delete this generation?', { text, yes: 'Delete' }))) return;
    await ask(DELETE, { id });
    onGone(entry);
  }

  draw(false);
  return entry;
}

function sameOutputs(one, other) {
  const ids = ({ outputs }) => outputs.map(({ id }) => id).join();
  return !isOpen(other) && ids(one) === ids(other);
}

/** Other generations on cards of their own, above the page. */
function showRelatives(title, generations, parts) {
  const onClose = () => entries.forEach((entry) => parts.others.delete(entry));
  const dialog = openDialog(title, { kind: 'wide', onClose });
  const onGone = (entry) => {
    dialog.close();
    parts.onGone(entry);
  };
  const entries = generations.map((one) => makeEntry(one, { ...parts, onGone }));
  entries.forEach((entry) => parts.others.add(entry));
  dialog.body.append(
    entries.length > 0
      ? make(
          'ol',
          { class: 'cards' },
          entries.map(({ card }) => make('li', {}, card)),
        )
      : make('p', { class: 'hint' }, 'It is no longer there.'),
  );
}
