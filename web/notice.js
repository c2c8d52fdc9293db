import { button, find, make } from '/studio/page.js';

// Good news goes by itself; what can be pressed in it is on the page as well.
const GOOD_NEWS_MS = 10_000;
let going;

/** Says one thing at a time, at the foot of the page: what happened and what to do next. */
export function notice(text, { tone = 'info', actions = [] } = {}) {
  const buttons = actions.map(({ words, run }) =>
    button(words, {
      onclick: () => {
        clearNotice();
        run();
      },
    }),
  );
  const close = button('Dismiss', {
    icon: 'close',
    bare: true,
    kind: 'close',
    onclick: clearNotice,
  });
  clearTimeout(going);
  if (tone === 'good') going = setTimeout(clearNotice, GOOD_NEWS_MS);
  // What lies beside an open dialog can be neither read nor pressed.
  ([...document.querySelectorAll('dialog[open]')].at(-1) ?? document.body).append(find('notice'));
  find('notice').className = `toast notice ${tone}`;
  find('notice').replaceChildren(make('p', {}, text), ...buttons, close);
  find('notice').hidden = false;
}

export function clearNotice() {
  find('notice').hidden = true;
  find('notice').replaceChildren();
}
