import { find, icon, make } from '/studio/page.js';

/** Says one thing at a time above the form: what happened and what to do next. */
export function notice(text, { tone = 'info', actions = [] } = {}) {
  const buttons = actions.map(({ words, run }) => {
    const button = make('button', { type: 'button', class: 'quiet' }, words);
    button.addEventListener('click', () => {
      clearNotice();
      run();
    });
    return button;
  });
  const close = make(
    'button',
    { type: 'button', class: 'close', 'aria-label': 'Dismiss' },
    icon('close'),
  );
  close.addEventListener('click', clearNotice);
  find('notice').className = `notice ${tone}`;
  find('notice').replaceChildren(make('p', {}, text), ...buttons, close);
  find('notice').hidden = false;
}

export function clearNotice() {
  find('notice').hidden = true;
  find('notice').replaceChildren();
}
