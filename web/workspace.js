import { ask } from '/studio/api.js';
import { confirmed } from '/studio/dialog.js';
import { makeEndlessList } from '/studio/endless.js';
import { itemCard } from '/studio/items.js';
import { announce, button, day, find, make } from '/studio/page.js';
import { openRename, openShare } from '/studio/share.js';
import { DELETE_WORKSPACE, UNSHARE, WORKSPACE_ITEMS } from '/studio/workspace-documents.js';

/** The page of one workspace: its items, and what its owner or a member may do with it. */
export function makeWorkspace({ composer, viewer, shelf, onRefusal }) {
  let workspace = null;
  let wantedId = null;

  const list = makeEndlessList({
    more: find('items-more'),
    empty: find('items-empty'),
    isEmpty: () => workspace !== null && find('items').childElementCount === 0,
    async read(after) {
      const id = wantedId;
      const { workspace: found } = await ask(WORKSPACE_ITEMS, { id, after });
      if (id !== wantedId) return NOTHING;
      if (found === null) return absent();
      if (after === null) head(found);
      return found.items;
    },
    show: (item) => {
      const parts = { workspace, composer, viewer, shelf, onRefusal, onGone: list.say };
      find('items').append(make('li', {}, itemCard(item, parts)));
    },
    onRefusal,
  });

  const absent = () => {
    find('workspace-title').textContent = 'This workspace is no longer there';
    find('workspace-about').textContent = 'It was deleted, or is no longer shared with you.';
    return NOTHING;
  };

  const head = (found) => {
    workspace = found;
    const { name, access, owner, members, createdAt } = found;
    const others = members.length - 1;
    const who = access === 'OWNER' ? 'Yours' : `From ${owner}`;
    const shared = access === 'OWNER' && others > 0 ? `, shared with ${others}` : '';
    find('workspace-title').textContent = name;
    find('workspace-about').textContent = `${who}${shared} · since ${day(createdAt)}`;
    find('workspace-buttons').replaceChildren(
      ...(access === 'OWNER'
        ? [
            button('Rename', { onclick: () => openRename(found, parts) }),
            button('Share', { onclick: () => openShare(found, parts) }),
            button('Delete', { icon: 'bin', onclick: () => attempt(remove) }),
          ]
        : [button('Leave', { onclick: () => attempt(leave) })]),
    );
  };

  const parts = {
    onRefusal,
    onChanged(changed) {
      head(changed);
      shelf.read().catch(onRefusal);
    },
  };

  const attempt = (work) => work().catch(onRefusal);

  const remove = async () => {
    const { id, name } = workspace;
    const text =
      'The copies saved in it are deleted for good, for everybody. Your history keeps its own.';
    if (!(await confirmed(`Delete ${name}?`, { text, yes: 'Delete' }))) return;
    await ask(DELETE_WORKSPACE, { id });
    await away(`${name} is deleted.`);
  };

  const leave = async () => {
    const { id, name, members } = workspace;
    const text = 'You will no longer see it. What you saved there stays there.';
    if (!(await confirmed(`Leave ${name}?`, { text, yes: 'Leave' }))) return;
    // A member sees the owner, and itself.
    await ask(UNSHARE, { workspace: id, accountId: members.at(-1).accountId });
    await away(`You have left ${name}.`);
  };

  const away = async (words) => {
    announce(words);
    location.hash = '#workspaces';
    await shelf.read();
  };

  return {
    async show(id) {
      wantedId = id;
      workspace = null;
      find('items').replaceChildren();
      find('workspace-title').textContent = '…';
      find('workspace-about').textContent = '';
      find('workspace-buttons').replaceChildren();
      await list.start();
    },
    hide() {
      wantedId = null;
      list.stop();
    },
  };
}

const NOTHING = { edges: [], pageInfo: { hasNextPage: false, endCursor: null } };
