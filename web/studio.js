import { ask, askUntilKnown } from '/studio/api.js';
import { makeComposer } from '/studio/composer.js';
import { GENERATE, START } from '/studio/documents.js';
import { makeGallery } from '/studio/gallery.js';
import { makeLimitPanel } from '/studio/limit.js';
import { follow } from '/studio/live.js';
import { makeMeter } from '/studio/meter.js';
import { clearNotice, notice } from '/studio/notice.js';
import { day, find, number } from '/studio/page.js';
import * as session from '/studio/session.js';

// While the live connection is away, open generations are asked for instead.
const ASK_INSTEAD_EVERY_MS = 4_000;

let stopFollowing = () => {};
let isLive = false;
let catchingUp = false;

const meter = makeMeter({
  onQuota: ({ unlimited, remaining }) => {
    if (unlimited || remaining > 0) limit.hide();
  },
});
const gallery = makeGallery({
  onReuse: (generation) => composer.reuse(generation),
  onRefusal: refused,
});
const composer = makeComposer({ onPress: (input) => void press(input) });
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

/** One press of the button: one request id, sent until its answer is known, so that it never counts twice. */
async function press(input) {
  session.keepPending(input);
  composer.busy(true);
  clearNotice();
  try {
    const { generate } = await askUntilKnown(GENERATE, { input }, ({ message }) => {
      notice(
        `${message} Trying again by itself: this press is counted once, however often it is sent.`,
      );
    });
    session.forgetPending();
    clearNotice();
    meter.show(generate.quota);
    if (generate.generation === undefined) {
      await limit.show(generate);
    } else {
      limit.hide();
      gallery.show(generate.generation, input.outputCount);
    }
  } catch (refusal) {
    if (refusal.retryable) {
      offerToFinish(
        input,
        `${refusal.message} Your press is kept; finishing it never counts twice.`,
      );
    } else {
      session.forgetPending();
      refused(refusal);
    }
  } finally {
    composer.busy(false);
  }
}

function offerToFinish(input, message) {
  notice(message, {
    tone: 'bad',
    actions: [
      { words: 'Finish it', run: () => void press(input) },
      { words: 'Drop it', run: session.forgetPending },
    ],
  });
}

function refused(refusal) {
  if (refusal.signedOut)
    signOut('Your session has ended, or this token is not accepted. Paste a fresh one.');
  else notice(refusal.message, { tone: 'bad' });
}

async function start() {
  find('sign-in').hidden = true;
  find('studio').hidden = true;
  connection('reconnecting', 'Connecting…');
  try {
    const { quota, actions } = await ask(START);
    composer.offer(actions);
    find('waiting').hidden = true;
    find('studio').hidden = false;
    find('sign-out').hidden = false;
    meter.show(quota);
    keepUp();
    await gallery.start();
    const pending = session.pendingPress();
    if (pending !== null) offerToFinish(pending, 'Your last press may not have arrived.');
  } catch (refusal) {
    if (!refusal.retryable) return stopped(refusal);
    connection('reconnecting', 'Reconnecting…');
    find('waiting').textContent = `${refusal.message} Trying again…`;
    find('waiting').hidden = false;
    setTimeout(() => void start(), ASK_INSTEAD_EVERY_MS);
  }
}

function stopped(refusal) {
  if (refusal.signedOut) return refused(refusal);
  signOut(refusal.message);
}

function keepUp() {
  stopFollowing();
  stopFollowing = follow({
    token: session.token(),
    onQuota: (quota) => meter.show(quota),
    onGeneration: (generation) => gallery.show(generation),
    onState(state) {
      isLive = state === 'live';
      connection(state, isLive ? 'Live' : 'Reconnecting…');
    },
    onGap: () => void catchUp(),
    onSignedOut: () => signOut('Your session has ended. Paste a fresh token to go on.'),
  });
}

async function catchUp() {
  if (catchingUp) return;
  catchingUp = true;
  try {
    await gallery.catchUp();
    meter.show((await ask(START)).quota);
  } catch (refusal) {
    if (!refusal.retryable) refused(refusal);
  } finally {
    catchingUp = false;
  }
}

function connection(state, words) {
  find('connection').dataset.state = state;
  find('connection-words').textContent = words;
}

function signOut(message) {
  stopFollowing();
  session.forgetToken();
  gallery.clear();
  meter.reset();
  limit.hide();
  clearNotice();
  find('studio').hidden = true;
  find('waiting').hidden = true;
  find('sign-out').hidden = true;
  connection('off', 'Signed out');
  find('sign-in').hidden = false;
  find('sign-in-problem').textContent = message;
  find('sign-in-problem').hidden = message === '';
  find('token').value = '';
  find('token').focus();
}

find('sign-in-form').addEventListener('submit', (event) => {
  event.preventDefault();
  if (find('token').value.trim() === '') return;
  session.keepToken(find('token').value);
  void start().then(() => find('prompt').focus());
});
find('sign-out').addEventListener('click', () => signOut(''));
find('more').addEventListener('click', () => void gallery.showMore().catch(refused));
setInterval(() => {
  if (!isLive && session.token() !== null && gallery.hasOpen()) void catchUp();
}, ASK_INSTEAD_EVERY_MS);
// A fresh link pasted over this page carries another account's token.
window.addEventListener('hashchange', () => {
  if (session.adoptTokenFromAddress()) location.reload();
});

session.adoptTokenFromAddress();
if (session.token() === null) signOut('');
else void start();
