import { ask } from '/studio/api.js';
import { confirmed, openDialog } from '/studio/dialog.js';
import { haveRunOut } from '/studio/media.js';
import { announce, button, find, make, moment } from '/studio/page.js';
import { tileOf } from '/studio/tiles.js';
import { MOVE_ITEM, ONE_ITEM, REMOVE_ITEM } from '/studio/workspace-documents.js';

/** The card of one item of a workspace. */
export function itemCard(item, { workspace, composer, viewer, shelf, onRefusal, onGone }) {
  const card = make('article', { class: 'card item' });
  let readAt = 0;

  const attempt = async (work) => {
    try {
      return await work();
    } catch (refusal) {
      if (refusal.code === 'NOT_FOUND') gone('It is no longer there.');
      else onRefusal(refusal);
      return null;
    }
  };

  const gone = (words) => {
    const place = card.parentElement;
    const next = place.nextElementSibling ?? place.previousElementSibling;
    place.remove();
    (next?.querySelector('.card-buttons button') ?? find('workspace-title')).focus();
    onGone();
    announce(words);
  };

  const areStale = () => haveRunOut(readAt);
  const renew = () =>
    attempt(async () => {
      const { node } = await ask(ONE_ITEM, { id: item.id });
      if (node === null) gone('It is no longer there.');
      else draw(node);
      return node;
    });
  const freshen = () => (areStale() ? renew() : null);

  const remove = async () => {
    const text = 'This copy is deleted for good. The history of whoever made it keeps its own.';
    if (!(await confirmed('Remove it from here?', { text, yes: 'Remove' }))) return;
    await ask(REMOVE_ITEM, { item: item.id });
    gone('Removed.');
  };

  const move = () => openMove(item, { workspace, shelf, onRefusal, onMoved: gone });

  const changes = (before) =>
    workspace.access === 'READ'
      ? []
      : [
          button('Move', { icon: 'move', onclick: () => (before(), move()) }),
          button('Remove', { icon: 'bin', onclick: () => (before(), attempt(remove)) }),
        ];

  const draw = (current) => {
    readAt = Date.now();
    const onOpen = async () => {
      const shown = (await freshen()) ?? current;
      if (card.isConnected) viewer.item(workspace, shown, freshen, changes);
    };
    const onStale = () => void freshen();
    const by = workspace.members.length > 1 ? ` by ${current.savedBy}` : '';
    card.replaceChildren(
      make(
        'div',
        { class: 'pictures n1' },
        tileOf(current, nameOf(current), { onOpen, onStale, freshen }),
      ),
      make(
        'div',
        { class: 'card-body' },
        make('p', { class: 'prompt' }, nameOf(current)),
        make('p', { class: 'hint' }, `Saved${by} `, moment(current.savedAt)),
        make(
          'div',
          { class: 'card-buttons' },
          button('Use', {
            icon: 'plus',
            title: 'Use as input',
            onclick: () => composer.use(current, current),
          }),
          changes(() => {}),
        ),
      ),
    );
  };
  draw(item);
  return card;
}

/** In the words it was made with, as long as its generation is there; then by the name of its file. */
const nameOf = ({ generation, fileName }) => generation?.prompt || fileName;

function openMove(item, { workspace, shelf, onRefusal, onMoved }) {
  const dialog = openDialog('Move to', { kind: 'small' });
  const others = shelf.writable().filter(({ id }) => id !== workspace.id);
  const move = async ({ id, name }) => {
    try {
      await ask(MOVE_ITEM, { item: item.id, to: id });
      dialog.close();
      onMoved(`Moved to ${name}.`);
    } catch (refusal) {
      onRefusal(refusal);
    }
  };
  const choices = others.map((other) =>
    make('li', {}, button(other.name, { kind: 'quiet', onclick: () => move(other) })),
  );
  dialog.body.append(
    others.length > 0
      ? make('ul', { class: 'choices' }, choices)
      : make('p', {}, 'There is no other workspace that you may change. Make one first.'),
  );
}
