import { button, find, make } from '/studio/page.js';

let dialogs = 0;

/**
 * Opens a dialog over the page. Escape, its button and a press beside it close it; the focus goes back by itself.
 * `onClose` is called however it was closed.
 */
export function openDialog(title, { kind = '', onClose = () => {} } = {}) {
  dialogs += 1;
  const titleId = `dialog-${dialogs}`;
  const body = make('div', { class: 'dialog-body' });
  const dialog = make(
    'dialog',
    { class: `dialog ${kind}`.trim(), 'aria-labelledby': titleId },
    make(
      'div',
      { class: 'dialog-head' },
      make('h2', { id: titleId }, title),
      button('Close', {
        icon: 'close',
        bare: true,
        kind: 'close',
        onclick: () => dialog.close(),
      }),
    ),
    body,
  );
  // Pressed and released beside it: a drag that began inside and ends outside closes nothing.
  let pressedBeside = false;
  dialog.addEventListener('pointerdown', (event) => (pressedBeside = event.target === dialog));
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog && pressedBeside) dialog.close();
  });
  dialog.addEventListener('close', () => {
    // What is said in it (see notice) is still to be read.
    document.body.append(find('notice'));
    dialog.remove();
    onClose();
  });
  document.body.append(dialog);
  dialog.showModal();
  return { body, close: () => dialog.close() };
}

/** Asks before something that cannot be undone. Answers whether the person wants it. */
export function confirmed(title, { text, yes }) {
  return new Promise((resolve) => {
    let answer = false;
    const dialog = openDialog(title, { kind: 'small', onClose: () => resolve(answer) });
    const agree = () => {
      answer = true;
      dialog.close();
    };
    const keep = button('Keep it', { onclick: dialog.close });
    dialog.body.append(
      make('p', {}, text),
      make(
        'div',
        { class: 'dialog-buttons' },
        keep,
        button(yes, { kind: 'danger', onclick: agree }),
      ),
    );
    // The harmless answer is the one under the finger.
    keep.focus();
  });
}

/** Ends every dialog, as when the person signs out. */
export function closeDialogs() {
  for (const dialog of document.querySelectorAll('dialog[open]')) dialog.close();
}
