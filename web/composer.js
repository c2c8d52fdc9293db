import { readSketch, showSketch } from '/studio/advanced.js';
import { menuOf } from '/studio/catalogue.js';
import { closeDialogs } from '/studio/dialog.js';
import { makeEnhancer } from '/studio/enhance.js';
import { onThisOrigin } from '/studio/media.js';
import { announce, find, newRequestId, units } from '/studio/page.js';
import { makeTray } from '/studio/tray.js';

/**
 * The form: what to make, from what, and the button. `onPress` gets the input of `generate`, or of `refineGeneration` when
 * there is a generation to go on from; each with a request id of its own.
 */
export function makeComposer({ onPress, onProblem, onRefusal }) {
  const form = find('composer');
  const prompt = find('prompt');
  const action = find('action');
  const generate = find('generate');
  const enhancer = makeEnhancer({ prompt, onProblem, onRefusal });
  const tray = makeTray({ onProblem, onRefusal, onChange: () => prompt.setCustomValidity('') });
  let costs = new Map();
  // What is refined, and what of its settings has no field here.
  let parent = null;
  let otherSettings = {};

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (generate.ariaDisabled === 'true') return;
    if (tray.isUploading()) return onProblem('A picture is still on its way. Wait a moment.');
    if (prompt.value.trim() === '' && tray.ids().length === 0) {
      prompt.setCustomValidity('Say what you would like to make.');
      prompt.reportValidity();
      return;
    }
    onPress(read());
  });
  prompt.addEventListener('input', () => prompt.setCustomValidity(''));
  prompt.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });

  const say = () => {
    const cost = costs.get(action.value) ?? 1;
    find('cost').textContent =
      `Uses ${units(cost)}, however many variations. Given back if nothing arrives.`;
  };
  action.addEventListener('change', say);

  const read = () => {
    const sketch = readSketch();
    const input = {
      requestId: newRequestId(),
      action: action.value,
      prompt: prompt.value.trim(),
      settings: { ...otherSettings, ...(Object.keys(sketch).length > 0 ? { sketch } : {}) },
      inputs: tray.ids(),
      outputCount: Number(form.elements.variations.value),
    };
    // Refining, what is left out is as it was: nothing is left out.
    return parent === null ? withoutEmpty(input) : { ...input, generation: parent.id };
  };

  const goOnFrom = (generation) => {
    parent = generation;
    find('refining').hidden = parent === null;
    find('refining-words').textContent = parent?.prompt ? `“${parent.prompt}”` : 'an earlier one';
  };
  find('refining-stop').addEventListener('click', () => {
    goOnFrom(null);
    prompt.focus();
  });

  /** The form is where things go on: in front, with the keyboard in it. */
  const comeForward = () => {
    closeDialogs();
    if (location.hash !== '#create') location.hash = '#create';
    prompt.focus({ preventScroll: true });
    find('compose').scrollIntoView({ block: 'start', behavior: 'smooth' });
  };

  const copy = (generation) => {
    const { sketch, ...others } = generation.settings ?? {};
    otherSettings = others;
    showSketch(sketch);
    prompt.value = generation.prompt ?? '';
    enhancer.forget();
    if (costs.has(generation.action.id)) action.value = generation.action.id;
    form.elements.variations.value = String(generation.outputCount);
    say();
    comeForward();
    tray.fill(generation.inputs).catch(onRefusal);
  };

  /** What one most likely wants to do with a file of this kind: edit it, where that is offered. */
  const suitAction = (kind) => {
    const edit = `${kind}.edit`;
    if (action.value !== `${kind}.generate` || !costs.has(edit)) return;
    action.value = edit;
    say();
  };

  return {
    offer(actions) {
      const metered = actions.filter((one) => one.metered);
      const chosen = action.value;
      costs = new Map(metered.map(({ id, cost }) => [id, cost]));
      action.replaceChildren(...menuOf(metered));
      if (costs.has(chosen)) action.value = chosen;
      say();
    },
    /** Puts an earlier generation into the form, to be changed and gone on from. */
    refine(generation) {
      goOnFrom(generation);
      copy(generation);
      announce('The form holds what you refine. Change it and press Generate.');
    },
    /** The same, as a press of its own: nothing came of the earlier one. */
    retry(generation) {
      goOnFrom(generation.parent);
      copy(generation);
    },
    /** Works on an output or an item. */
    use(output, { kind }) {
      comeForward();
      tray.add(output, output.fileName);
      suitAction(kind);
    },
    async useText(output) {
      const response = await fetch(onThisOrigin(output.url)).catch(() => null);
      if (!response?.ok) return onProblem('The text could not be read. Try again.');
      prompt.value = await response.text();
      enhancer.forget();
      comeForward();
    },
    takeFiles(files) {
      void tray.upload(files);
    },
    busy(isBusy) {
      // Not `disabled`: that would take the focus away from who pressed it by keyboard.
      generate.ariaDisabled = String(isBusy);
      find('generate-words').textContent = isBusy ? 'Starting…' : 'Generate ✨';
    },
    /** Empties the form, as when the person signs out. */
    clear() {
      goOnFrom(null);
      otherSettings = {};
      prompt.value = '';
      enhancer.forget();
      tray.clear();
    },
    focus: () => generate.focus(),
  };
}

function withoutEmpty({ prompt, settings, inputs, ...input }) {
  if (prompt !== '') input.prompt = prompt;
  if (Object.keys(settings).length > 0) input.settings = settings;
  if (inputs.length > 0) input.inputs = inputs;
  return input;
}
