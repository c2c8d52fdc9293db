import { STATUS_WORDS } from '/studio/cards.js';
import { kindWords, menuOf } from '/studio/catalogue.js';
import { find, make } from '/studio/page.js';

const KIND = 'kind:';
// Long enough to finish a word, short enough not to be noticed.
const TYPED_MS = 350;

/** The bar above the history. `onFilter` gets what the gateway is asked for, or null for everything. */
export function makeFilters({ onFilter }) {
  const form = find('filters');
  let applied = 'null';
  let typing;

  const apply = () => {
    clearTimeout(typing);
    const filter = read(form.elements);
    find('filters-clear').hidden = filter === null;
    if (JSON.stringify(filter) === applied) return;
    applied = JSON.stringify(filter);
    onFilter(filter);
  };

  const offerWorkspaces = (workspaces) => {
    const chosen = form.elements.workspace.value;
    form.elements.workspace.replaceChildren(
      make('option', { value: '' }, 'Anywhere'),
      ...workspaces.map(({ id, name }) => make('option', { value: id }, name)),
    );
    form.elements.workspace.value = workspaces.some(({ id }) => id === chosen) ? chosen : '';
    apply();
  };

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    apply();
  });
  form.addEventListener('change', apply);
  form.elements.text.addEventListener('input', () => {
    clearTimeout(typing);
    typing = setTimeout(apply, TYPED_MS);
  });
  find('filters-toggle').addEventListener('click', ({ currentTarget: toggle }) => {
    toggle.ariaExpanded = String(toggle.ariaExpanded !== 'true');
  });
  form.elements.status.append(
    ...Object.entries(STATUS_WORDS).map(([value, words]) => make('option', { value }, words)),
  );

  const clear = () => {
    form.reset();
    apply();
    form.elements.text.focus();
  };
  find('filters-clear').addEventListener('click', clear);

  return {
    clear,
    offerWorkspaces,
    offer(actions) {
      const all = (kind) => make('option', { value: KIND + kind }, `${kindWords(kind)}: all`);
      const chosen = form.elements.what.value;
      form.elements.what.replaceChildren(
        make('option', { value: '' }, 'Everything'),
        ...menuOf(actions, all),
      );
      form.elements.what.value = chosen;
    },
    /** Back to everything, without asking for it. */
    reset() {
      form.reset();
      applied = 'null';
      find('filters-clear').hidden = true;
    },
  };
}

function read({ text, what, status, from, to, workspace }) {
  const filter = {};
  if (/[\p{L}\p{N}]/u.test(text.value)) filter.text = text.value.trim();
  if (what.value.startsWith(KIND)) filter.kind = what.value.slice(KIND.length);
  else if (what.value !== '') filter.action = what.value;
  if (status.value !== '') filter.status = status.value;
  if (from.value !== '') filter.from = midnight(from.value, 0);
  if (to.value !== '') filter.to = midnight(to.value, 1);
  if (workspace.value !== '') filter.workspace = workspace.value;
  return Object.keys(filter).length === 0 ? null : filter;
}

/** When a day begins where the person is; `later` days after it. */
function midnight(date, later) {
  const [year, month, day] = date.split('-').map(Number);
  return new Date(year, month - 1, day + later).toISOString();
}
