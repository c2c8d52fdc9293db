import { GENERATION_CHANGED, QUOTA_CHANGED } from '/studio/documents.js';

const PING_EVERY_MS = 12_000;
const PONG_WITHIN_MS = 5_000;
const LONGEST_WAIT_MS = 10_000;
// The server does not know the token, or it has run out; trying again changes nothing.
const SIGNED_OUT_CODES = [4401, 4403];

/**
 * Follows this account's quota and generations until disposed, over graphql-transport-ws, and through every loss of the
 * connection. `onState('live' | 'reconnecting')`; `onGap`: connected again, events may have been missed.
 */
export function follow({ token, onQuota, onGeneration, onState, onGap, onSignedOut }) {
  let ended = false;
  let connections = 0;
  const client = window.graphqlWs.createClient({
    url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/graphql`,
    connectionParams: { authorization: `Bearer ${token}` },
    retryAttempts: Infinity,
    shouldRetry: (fault) => !isSignedOut(fault),
    retryWait: (retries) => wait(backoffMs(retries)),
    keepAlive: PING_EVERY_MS,
    on: {
      ...noticeSilence(() => client.terminate()),
      connected: () => {
        onState('live');
        connections += 1;
        if (connections > 1) onGap();
      },
      closed: () => !ended && onState('reconnecting'),
    },
  });

  const stop = () => {
    ended = true;
    client.dispose();
  };

  const keepUp = (query, onData) => {
    let failures = 0;
    // The library reconnects by itself; this covers a subscription the server ended or refused.
    const again = () => !ended && setTimeout(start, backoffMs(failures++));
    const start = () => {
      if (ended) return;
      client.subscribe(
        { query },
        {
          next: ({ data }) => {
            if (data === null || data === undefined || ended) return;
            failures = 0;
            onData(data);
          },
          error: (fault) => {
            if (ended) return;
            if (!isSignedOut(fault)) return again();
            stop();
            onSignedOut();
          },
          complete: again,
        },
      );
    };
    start();
  };

  keepUp(QUOTA_CHANGED, ({ quotaChanged }) => onQuota(quotaChanged));
  keepUp(GENERATION_CHANGED, ({ generationChanged }) => onGeneration(generationChanged));
  return stop;
}

/** A connection that died without a word is found by the missing pong, and replaced. */
function noticeSilence(onSilent) {
  let timer;
  return {
    ping: (received) => {
      if (!received) timer = setTimeout(onSilent, PONG_WITHIN_MS);
    },
    pong: (received) => {
      if (received) clearTimeout(timer);
    },
  };
}

function isSignedOut(fault) {
  if (Array.isArray(fault)) {
    return fault.some(({ extensions }) => extensions?.code === 'UNAUTHENTICATED');
  }
  return SIGNED_OUT_CODES.includes(fault?.code);
}

// With some scatter: a thousand screens must not come back in the same instant.
function backoffMs(failures) {
  return Math.min(500 * 2 ** failures, LONGEST_WAIT_MS) * (0.7 + Math.random() * 0.6);
}

function wait(delayMs) {
  return new Promise((wake) => setTimeout(wake, delayMs));
}
