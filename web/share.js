import { ask } from '/studio/api.js';
import { openDialog } from '/studio/dialog.js';
import { button, make } from '/studio/page.js';
import { RENAME_WORKSPACE, SHARE, UNSHARE } from '/studio/workspace-documents.js';

const ACCESS_WORDS = { READ: 'can look', WRITE: 'can change', OWNER: 'owner' };

/** A dialog that gives a workspace another name. `onChanged` gets the workspace. */
export function openRename(workspace, { onChanged, onRefusal }) {
  const dialog = openDialog('Rename', { kind: 'small' });
  const name = make('input', {
    type: 'text',
    id: 'new-name',
    maxLength: 100,
    required: true,
    value: workspace.name,
  });
  const form = make(
    'form',
    { class: 'stack' },
    make('label', { for: 'new-name' }, 'Name'),
    name,
    make(
      'div',
      { class: 'dialog-buttons' },
      make('button', { type: 'submit', class: 'primary' }, 'Rename'),
    ),
  );
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    try {
      const variables = { id: workspace.id, name: name.value };
      onChanged((await ask(RENAME_WORKSPACE, variables)).renameWorkspace);
      dialog.close();
    } catch (refusal) {
      onRefusal(refusal);
    }
  });
  dialog.body.append(form);
  name.select();
}

/** A dialog that shows who can see a workspace, and lets its owner change that. `onChanged` gets the workspace. */
export function openShare(workspace, { onChanged, onRefusal }) {
  const dialog = openDialog(`Share ${workspace.name}`, { kind: 'small' });
  const list = make('ul', { class: 'members', 'aria-label': 'Who can see it' });
  const account = make('input', {
    type: 'text',
    id: 'share-account',
    maxLength: 128,
    required: true,
    autocomplete: 'off',
    spellcheck: false,
  });
  const access = make(
    'select',
    { id: 'share-access' },
    make('option', { value: 'READ' }, 'Can look: see, download, use'),
    make('option', { value: 'WRITE' }, 'Can change: also save, move, remove'),
  );

  const draw = ({ members }) => {
    list.replaceChildren(...members.map((member) => make('li', {}, memberLine(member))));
  };
  const memberLine = ({ accountId, access: held }) => [
    make('span', { class: 'member' }, accountId),
    make('span', { class: 'hint' }, ACCESS_WORDS[held] ?? held),
    held === 'OWNER'
      ? null
      : button(`Stop sharing with ${accountId}`, {
          icon: 'close',
          bare: true,
          kind: 'close',
          onclick: () => change(UNSHARE, { workspace: workspace.id, accountId }),
        }),
  ];

  const change = async (query, variables) => {
    try {
      const [changed] = Object.values(await ask(query, variables));
      draw(changed);
      onChanged(changed);
      return true;
    } catch (refusal) {
      onRefusal(refusal);
      return false;
    }
  };

  const form = make(
    'form',
    { class: 'stack' },
    make('label', { for: 'share-account' }, 'Account id of the other person'),
    account,
    make('label', { for: 'share-access' }, 'What they may do'),
    access,
    make(
      'div',
      { class: 'dialog-buttons' },
      make('button', { type: 'submit', class: 'primary' }, 'Share'),
    ),
  );
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const input = { workspace: workspace.id, accountId: account.value, access: access.value };
    if (await change(SHARE, { input })) account.value = '';
    account.focus();
  });
  draw(workspace);
  dialog.body.append(list, form);
  account.focus();
}
