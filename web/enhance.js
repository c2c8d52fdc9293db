import { askUntilKnown } from '/studio/api.js';
import { ENHANCE } from '/studio/documents.js';
import { announce, find, newRequestId } from '/studio/page.js';

/** "Enhance prompt": free, and taken back with one press. */
export function makeEnhancer({ prompt, onProblem, onRefusal }) {
  const enhance = find('enhance');
  const undo = find('enhance-undo');
  let other = null;
  let busy = false;

  const isBusy = (value) => {
    busy = value;
    // Not `disabled`: that would take the focus away from who pressed it by keyboard.
    enhance.ariaDisabled = String(value);
    find('enhance-words').textContent = value ? 'Enhancing…' : 'Enhance prompt';
  };

  const put = (text, undoWords) => {
    other = prompt.value;
    prompt.value = text;
    prompt.dispatchEvent(new window.Event('input'));
    undo.textContent = undoWords;
    undo.hidden = false;
  };

  const press = async (asked) => {
    isBusy(true);
    try {
      const input = { requestId: newRequestId(), prompt: asked };
      const { enhancePrompt } = await askUntilKnown(ENHANCE, { input }, () => {});
      const { prompt: richer, message, generation } = enhancePrompt;
      if (typeof richer !== 'string') {
        const later = 'It takes longer than usual. You will find the text in your history.';
        onProblem(message ?? generation.failure?.message ?? later);
      } else if (prompt.value.trim() === asked) {
        put(richer, 'Undo');
        announce('The prompt is enhanced. It is free.');
      }
    } catch (refusal) {
      onRefusal(refusal);
    } finally {
      isBusy(false);
    }
  };

  enhance.addEventListener('click', () => {
    const asked = prompt.value.trim();
    if (asked === '') onProblem('Write a few words first, then they can be enhanced.');
    else if (!busy) void press(asked);
  });

  undo.addEventListener('click', () => {
    put(other, undo.textContent === 'Undo' ? 'Redo' : 'Undo');
    announce(undo.textContent === 'Redo' ? 'Your own words are back.' : 'Enhanced again.');
  });

  return {
    /** Another prompt was put in: there is nothing to take back. */
    forget() {
      undo.hidden = true;
    },
  };
}
