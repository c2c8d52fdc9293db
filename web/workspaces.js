import { ask, askUntilKnown } from '/studio/api.js';
import { makeEndlessList } from '/studio/endless.js';
import { kindWords } from '/studio/catalogue.js';
import { onThisOrigin } from '/studio/media.js';
import { announce, find, icon, make, newRequestId } from '/studio/page.js';
import { CREATE_WORKSPACE, WORKSPACES } from '/studio/workspace-documents.js';

const ACCESS_WORDS = { READ: 'You can look', WRITE: 'You can change' };

/** The page of all workspaces: to look at, to open, and to make one. */
export function makeWorkspaces({ onMade, onRefusal }) {
  const list = makeEndlessList({
    more: find('workspaces-more'),
    empty: find('workspaces-empty'),
    isEmpty: () => find('workspace-list').childElementCount === 0,
    read: async (after) => (await ask(WORKSPACES, { after })).workspaces,
    show: (workspace) => find('workspace-list').append(tile(workspace)),
    onRefusal,
  });

  find('workspace-form').addEventListener('submit', (event) => {
    event.preventDefault();
    void create();
  });

  const create = async () => {
    const name = find('workspace-name').value.trim();
    if (name === '') return;
    try {
      const input = { requestId: newRequestId(), name };
      const { createWorkspace } = await askUntilKnown(CREATE_WORKSPACE, { input }, () => {});
      find('workspace-name').value = '';
      announce(`${createWorkspace.name} is made.`);
      onMade(createWorkspace);
    } catch (refusal) {
      onRefusal(refusal);
    }
  };

  return {
    async show() {
      find('workspace-list').replaceChildren();
      await list.start();
    },
    hide: () => list.stop(),
  };
}

function tile({ id, name, access, owner, members, items }) {
  const others = members.length - 1;
  const shared = others === 1 ? ', shared with 1 other' : `, shared with ${others} others`;
  const words = access === 'OWNER' ? `Yours${others > 0 ? shared : ''}` : `From ${owner}`;
  return make(
    'li',
    {},
    make(
      'a',
      { class: 'workspace-tile', href: `#workspaces/${id}` },
      cover(items.edges.map(({ node }) => node)),
      make('span', { class: 'workspace-name' }, name),
      make(
        'span',
        { class: 'hint' },
        access === 'OWNER' ? words : `${words} · ${ACCESS_WORDS[access]}`,
      ),
    ),
  );
}

function cover(items) {
  if (items.length === 0) return make('span', { class: 'cover none' }, icon('shelf'));
  const pieces = items.map(({ thumbnailUrl, kind }) =>
    thumbnailUrl === null
      ? make('span', { class: 'sign', title: kindWords(kind) }, icon('sound'))
      : make('img', { src: onThisOrigin(thumbnailUrl), alt: '', loading: 'lazy' }),
  );
  return make('span', { class: `cover n${pieces.length}` }, pieces);
}
