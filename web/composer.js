import { find, make, units } from '/studio/page.js';

const KIND_WORDS = {
  image: 'Images',
  video: 'Video',
  audio: 'Audio',
  style: 'Styles',
  changes: 'Changes',
  frame: 'Frames',
};

/** A new id for one press. `randomUUID` exists in secure contexts only; on plain http the same is made by hand. */
function newRequestId() {
  if (crypto.randomUUID !== undefined) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `studio-${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

/** The form: what to make, and the button. `onPress` gets the input of `generate`, with a request id of its own. */
export function makeComposer({ onPress }) {
  const form = find('composer');
  const prompt = find('prompt');
  const button = find('generate');

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (button.ariaDisabled === 'true') return;
    if (prompt.value.trim() === '') {
      prompt.setCustomValidity('Say what you would like to see.');
      prompt.reportValidity();
      return;
    }
    onPress(read());
  });
  prompt.addEventListener('input', () => prompt.setCustomValidity(''));
  prompt.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  find('action').addEventListener('change', () => say());

  let costs = new Map();
  const say = () => {
    const cost = costs.get(find('action').value) ?? 1;
    find('cost').textContent =
      `Uses ${units(cost)}, however many variations. Given back if nothing arrives.`;
  };

  const read = () => {
    const input = {
      requestId: newRequestId(),
      action: find('action').value,
      prompt: prompt.value.trim(),
      outputCount: Number(form.elements.variations.value),
    };
    const sketch = readAdvanced();
    return Object.keys(sketch).length === 0 ? input : { ...input, settings: { sketch } };
  };

  const readAdvanced = () => {
    const sketch = {};
    if (find('outcome').value !== 'succeed') sketch.outcome = find('outcome').value;
    if (find('delay').value !== '') sketch.delayMs = Math.round(Number(find('delay').value) * 1000);
    if (find('seed').value !== '') sketch.seed = Number(find('seed').value);
    return sketch;
  };

  return {
    offer(actions) {
      const metered = actions.filter((action) => action.metered);
      costs = new Map(metered.map(({ id, cost }) => [id, cost]));
      const kinds = [...new Set(metered.map(({ kind }) => kind))];
      const groups = kinds.map((kind) =>
        make(
          'optgroup',
          { label: KIND_WORDS[kind.toLowerCase()] ?? kind },
          metered
            .filter((action) => action.kind === kind)
            .map(({ id, name }) => make('option', { value: id }, name)),
        ),
      );
      find('action').replaceChildren(...groups);
      say();
    },
    /** Puts an earlier generation's content into the form, to be refined and pressed anew. */
    reuse(generation) {
      prompt.value = generation.prompt ?? '';
      find('action').value = generation.action.id;
      say();
      prompt.focus();
      prompt.scrollIntoView({ block: 'center', behavior: 'smooth' });
    },
    busy(isBusy) {
      // Not `disabled`: that would take the focus away from who pressed it by keyboard.
      button.ariaDisabled = String(isBusy);
      find('generate-words').textContent = isBusy ? 'Starting…' : 'Generate ✨';
    },
    focus: () => button.focus(),
  };
}
