import { ask } from '/studio/api.js';
import { makeComposer } from '/studio/composer.js';
import { closeDialogs } from '/studio/dialog.js';
import { START } from '/studio/documents.js';
import { makeFilters } from '/studio/filters.js';
import { makeGallery } from '/studio/gallery.js';
import { makeKeepUp, showConnection } from '/studio/keep-up.js';
import { makeLimitPanel } from '/studio/limit.js';
import { makeMeter } from '/studio/meter.js';
import { clearNotice, notice } from '/studio/notice.js';
import { day, find, number } from '/studio/page.js';
import { takePictures } from '/studio/pictures-in.js';
import { makePress } from '/studio/press.js';
import * as session from '/studio/session.js';
import { makeShelf } from '/studio/shelf.js';
import { makeUsage } from '/studio/usage.js';
import { makeViewer } from '/studio/viewer.js';
import { makeViews } from '/studio/views.js';
import { makeWorkspace } from '/studio/workspace.js';
import { makeWorkspaces } from '/studio/workspaces.js';

// The gateway may be about to come back.
const START_AGAIN_AFTER_MS = 4_000;
// A burst of changes is one new reading of the usage page.
const USAGE_AFTER_MS = 1_000;

let usageDue;
let plans = [];

const meter = makeMeter({
  onQuota({ unlimited, remaining }) {
    if (unlimited || remaining > 0) limit.hide();
    if (views.current() !== 'usage') return;
    clearTimeout(usageDue);
    usageDue = setTimeout(() => void usage.show().catch(refused), USAGE_AFTER_MS);
  },
});
const composer = makeComposer({
  onPress: (input) => void pressing.press(input),
  onProblem: (text) => notice(text, { tone: 'bad' }),
  onRefusal: refused,
});
const pressing = makePress({ composer, onPressed: pressed, onRefusal: refused });
const shelf = makeShelf({ onChange: (workspaces) => filters.offerWorkspaces(workspaces) });
const viewer = makeViewer({
  composer,
  shelf,
  onPressed: pressed,
  onSaved: (words) => notice(words, { tone: 'good' }),
  onRefusal: refused,
});
const filters = makeFilters({ onFilter: (filter) => void gallery.filter(filter).catch(refused) });
const gallery = makeGallery({
  composer,
  viewer,
  onRefusal: refused,
  onClearFilter: () => filters.clear(),
});
const workspaces = makeWorkspaces({
  onMade({ id }) {
    location.hash = `#workspaces/${id}`;
    shelf.read().catch(refused);
  },
  onRefusal: refused,
});
const workspace = makeWorkspace({ composer, viewer, shelf, onRefusal: refused });
const usage = makeUsage({
  planName: (id) => plans.find((plan) => plan.id === id)?.name ?? id,
  onRefusal: refused,
});
const views = makeViews({
  onShow(page, id) {
    if (page !== 'workspaces') workspaces.hide();
    if (page !== 'workspace') workspace.hide();
    if (page === 'workspaces') workspaces.show().catch(refusedPage);
    if (page === 'workspace') workspace.show(id).catch(refusedPage);
    if (page === 'usage') usage.show().catch(refusedPage);
  },
});
const limit = makeLimitPanel({
  onRefusal: refused,
  onUpgraded(quota) {
    meter.show(quota);
    const left = quota.unlimited
      ? 'No limit any more'
      : `${number(quota.remaining)} left until ${day(quota.resetsAt)}`;
    notice(`You are on ${quota.plan.name} now. ${left}: go on.`, { tone: 'good' });
    composer.focus();
  },
});

const keepUp = makeKeepUp({ gallery, meter, onRefusal: refused, onSignedOut: signOut });

/** What a press of any kind was answered. Gives the generation; null: nothing is left for it. */
function pressed(answer) {
  meter.show(answer.quota);
  if (answer.generation === undefined) {
    closeDialogs();
    void limit.show(answer);
    return null;
  }
  gallery.show(answer.generation);
  return answer.generation;
}

function refused(refusal) {
  if (refusal.signedOut)
    signOut('Your session has ended, or this token is not accepted. Paste a fresh one.');
  else notice(refusal.message, { tone: 'bad' });
}

/** The same for a page that could not be read: there is something to press. */
function refusedPage(refusal) {
  if (!refusal.retryable) return refused(refusal);
  const actions = [{ words: 'Try again', run: views.start }];
  notice(refusal.message, { tone: 'bad', actions });
}

async function start() {
  find('sign-in').hidden = true;
  find('studio').hidden = true;
  showConnection('reconnecting', 'Connecting…');
  try {
    const begun = await ask(START);
    plans = begun.plans;
    composer.offer(begun.actions);
    filters.offer(begun.actions);
    for (const id of ['studio', 'views', 'sign-out']) find(id).hidden = false;
    find('waiting').hidden = true;
    meter.show(begun.quota);
    keepUp.start();
    views.start();
    await Promise.all([gallery.start(), shelf.read()]);
    pressing.finish();
  } catch (refusal) {
    if (!refusal.retryable) return stopped(refusal);
    showConnection('reconnecting', 'Reconnecting…');
    find('waiting').textContent = `${refusal.message} Trying again…`;
    find('waiting').hidden = false;
    setTimeout(() => void start(), START_AGAIN_AFTER_MS);
  }
}

function stopped(refusal) {
  if (refusal.signedOut) return refused(refusal);
  signOut(refusal.message);
}

function signOut(message) {
  keepUp.stop();
  session.forgetToken();
  closeDialogs();
  views.stop();
  workspaces.hide();
  workspace.hide();
  composer.clear();
  filters.reset();
  gallery.clear();
  meter.reset();
  limit.hide();
  clearNotice();
  for (const id of ['studio', 'views', 'waiting', 'sign-out']) find(id).hidden = true;
  showConnection('off', 'Signed out');
  find('sign-in').hidden = false;
  find('sign-in-problem').textContent = message;
  find('sign-in-problem').hidden = message === '';
  find('token').value = '';
  find('token').focus();
}

takePictures({
  isWelcome: () => views.current() === 'create' && document.querySelector('dialog[open]') === null,
  onFiles: (files) => composer.takeFiles(files),
});
find('sign-in-form').addEventListener('submit', (event) => {
  event.preventDefault();
  if (find('token').value.trim() === '') return;
  session.keepToken(find('token').value);
  void start().then(() => find('prompt').focus());
});
find('sign-out').addEventListener('click', () => signOut(''));
// A fresh link pasted over this page carries another account's token.
window.addEventListener('hashchange', () => {
  if (session.adoptTokenFromAddress()) location.reload();
});

session.adoptTokenFromAddress();
if (session.token() === null) signOut('');
else void start();
