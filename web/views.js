import { closeDialogs } from '/studio/dialog.js';
import { find } from '/studio/page.js';

const TITLES = { create: 'Studio', workspaces: 'Workspaces', usage: 'Usage' };

/**
 * Which page is shown, by the address: `#create`, `#workspaces`, `#workspaces/<id>` or `#usage`. `onShow(page, id)` for each
 * that comes.
 */
export function makeViews({ onShow }) {
  let shown = null;

  const show = () => {
    const [name, id] = location.hash.slice(1).split('/');
    const known = name in TITLES ? name : 'create';
    // What is no page, such as #main, leaves the person where they are.
    if (shown !== null && known !== name) return;
    const page = known === 'workspaces' && id !== undefined ? 'workspace' : known;
    closeDialogs();
    for (const view of document.querySelectorAll('[data-view]')) {
      view.hidden = view.dataset.view !== page;
    }
    for (const link of find('views').querySelectorAll('a')) {
      if (link.hash === `#${known}`) link.ariaCurrent = 'page';
      else link.removeAttribute('aria-current');
    }
    document.title = known === 'create' ? TITLES.create : `${TITLES[known]} · ${TITLES.create}`;
    const isFirst = shown === null;
    shown = page;
    if (!isFirst) {
      window.scrollTo(0, 0);
      document.querySelector(`[data-view=${page}] [tabindex="-1"]`).focus({ preventScroll: true });
    }
    onShow(page, id);
  };

  window.addEventListener('hashchange', () => shown !== null && show());
  return {
    start: show,
    stop() {
      shown = null;
    },
    current: () => shown,
  };
}
