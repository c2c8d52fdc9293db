import { ask } from '/studio/api.js';
import { make, newRequestId } from '/studio/page.js';
import { CREATE_WORKSPACE, SAVE } from '/studio/workspace-documents.js';

const NEW = 'new';

/** A small form that saves an output to a workspace, also to one that it makes. `onSaved(words)`. */
export function saveForm(outputId, { shelf, onSaved, onRefusal }) {
  const workspaces = shelf.writable();
  const where = make(
    'select',
    { name: 'where', id: 'save-where' },
    workspaces.map(({ id, name }) => make('option', { value: id }, name)),
    make('option', { value: NEW }, 'A new workspace…'),
  );
  const name = make('input', {
    type: 'text',
    id: 'save-name',
    maxLength: 100,
    placeholder: 'Autumn campaign',
  });
  const named = make(
    'div',
    { class: 'field grow' },
    make('label', { for: 'save-name' }, 'Its name'),
    name,
  );
  const save = make('button', { type: 'submit', class: 'primary' }, 'Save');
  const form = make(
    'form',
    { class: 'save-form' },
    make('div', { class: 'field grow' }, make('label', { for: 'save-where' }, 'Save to'), where),
    named,
    save,
  );
  const choose = () => {
    named.hidden = where.value !== NEW;
    name.required = !named.hidden;
  };
  where.addEventListener('change', choose);
  choose();
  // One workspace, however often saving has to be tried.
  const requestId = newRequestId();

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void press();
  });

  const press = async () => {
    save.disabled = true;
    try {
      const workspace =
        where.value === NEW
          ? (await ask(CREATE_WORKSPACE, { input: { requestId, name: name.value } }))
              .createWorkspace
          : workspaces.find(({ id }) => id === where.value);
      await ask(SAVE, { input: { workspace: workspace.id, outputs: [outputId] } });
      if (where.value === NEW) await shelf.read();
      onSaved(`Saved to ${workspace.name}. It stays there, whatever becomes of the original.`);
    } catch (refusal) {
      onRefusal(refusal);
    } finally {
      save.disabled = false;
    }
  };
  return form;
}
