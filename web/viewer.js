import { openCrop } from '/studio/crop.js';
import { openDialog } from '/studio/dialog.js';
import { factsOfFile, isPicture, mediumOf, showMedia } from '/studio/media.js';
import { button, make } from '/studio/page.js';
import { saveForm } from '/studio/save.js';
import { downloadOf } from '/studio/tiles.js';

/**
 * Shows one file large, with everything that can be done to it. `freshen(file)` answers null while its links work, otherwise a
 * promise of the same file with new ones.
 */
export function makeViewer({ composer, shelf, onPressed, onSaved, onRefusal }) {
  const show = ({ title, caption, file, freshen, buttons = null, below = '' }) => {
    const dialog = openDialog(title, { kind: 'wide' });
    const stage = make('div', { class: `stage ${mediumOf(file)}` });
    const onStale = () => stage.replaceChildren(make('p', {}, 'This file cannot be shown.'));
    stage.append(...showMedia(file, { alt: caption, onStale, large: true }));
    const download = downloadOf(file, caption, freshen, { class: 'quiet' });
    download.append('Download');
    const crop = () => {
      dialog.close();
      openCrop(file, caption, { composer, onPressed, onRefusal });
    };
    dialog.body.append(
      stage,
      make('p', { class: 'caption' }, caption),
      make('p', { class: 'hint' }, factsOfFile(file)),
      make(
        'div',
        { class: 'dialog-buttons' },
        button('Use as input', { icon: 'plus', onclick: () => composer.use(file, file) }),
        download,
        isPicture(file) && file.width !== null
          ? button('Crop, free', { icon: 'crop', onclick: crop })
          : null,
        buttons,
      ),
      below,
    );
    return dialog;
  };

  /** An output of one's own generation. */
  const output = (generation, chosen, freshen) => {
    const { action, outputs, prompt } = generation;
    const index = outputs.findIndex(({ id }) => id === chosen.id);
    const step = (words, name, by) => {
      const next = outputs[index + by];
      const onclick = () => {
        dialog.close();
        output(generation, next, freshen);
        // Whoever steps by keyboard steps on.
        document.querySelector(`dialog[open] [title=${words}]:enabled`)?.focus();
      };
      return button(words, { icon: name, bare: true, disabled: next === undefined, onclick });
    };
    const steps = [step('Previous', 'left', -1), step('Next', 'right', 1)];
    const saved = (words) => {
      dialog.close();
      onSaved(words);
    };
    const dialog = show({
      title: outputs.length > 1 ? `${action.name}, ${index + 1} of ${outputs.length}` : action.name,
      caption: prompt || chosen.fileName,
      file: { ...chosen, kind: action.kind },
      freshen,
      buttons: outputs.length > 1 ? steps : null,
      below: saveForm(chosen.id, { shelf, onSaved: saved, onRefusal }),
    });
  };

  return {
    output,
    /** An item of a workspace. `buttons(close)`: what else its workspace allows. */
    item(workspace, file, freshen, buttons) {
      const dialog = show({
        title: workspace.name,
        caption: file.generation?.prompt || file.fileName,
        file,
        freshen,
        buttons: buttons(() => dialog.close()),
      });
    },
  };
}
