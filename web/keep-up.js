import { ask } from '/studio/api.js';
import { START } from '/studio/documents.js';
import { follow } from '/studio/live.js';
import { find } from '/studio/page.js';
import * as session from '/studio/session.js';

// While the live connection is away, open generations are asked for instead.
const ASK_INSTEAD_EVERY_MS = 4_000;

/** Keeps meter and gallery as they are at the gateway, through every loss of the connection. */
export function makeKeepUp({ gallery, meter, onRefusal, onSignedOut }) {
  let stopFollowing = () => {};
  let isLive = false;
  let catchingUp = false;

  const catchUp = async () => {
    if (catchingUp) return;
    catchingUp = true;
    try {
      await gallery.catchUp();
      meter.show((await ask(START)).quota);
    } catch (refusal) {
      if (!refusal.retryable) onRefusal(refusal);
    } finally {
      catchingUp = false;
    }
  };

  setInterval(() => {
    if (!isLive && session.token() !== null && gallery.hasOpen()) void catchUp();
  }, ASK_INSTEAD_EVERY_MS);

  return {
    start() {
      stopFollowing();
      stopFollowing = follow({
        token: session.token(),
        onQuota: (quota) => meter.show(quota),
        onGeneration: (generation) => gallery.news(generation),
        onState(state) {
          isLive = state === 'live';
          showConnection(state, isLive ? 'Live' : 'Reconnecting…');
        },
        onGap: () => void catchUp(),
        onSignedOut: () => onSignedOut('Your session has ended. Paste a fresh token to go on.'),
      });
    },
    stop: () => stopFollowing(),
  };
}

/** Says in the bar on top how things are: `live`, `reconnecting` or `off`. */
export function showConnection(state, words) {
  find('connection').dataset.state = state;
  find('connection-words').textContent = words;
}
