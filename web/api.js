import { token } from '/studio/session.js';

const ANSWER_WITHIN_MS = 20_000;
// Six attempts over about half a minute: longer than a failover, shorter than anyone's patience.
const RETRY_AFTER_MS = [500, 1_500, 4_000, 8_000, 15_000];

/** Why a request was not done, in words for the person. `retryable`: the same request may be sent again as it is. */
export class Refusal extends Error {
  constructor(message, { code, retryable = false }) {
    super(message);
    this.code = code;
    this.retryable = retryable;
  }

  get signedOut() {
    return this.code === 'UNAUTHENTICATED';
  }
}

/** Sends one document; answers its data, or throws a Refusal. */
export async function ask(query, variables = {}) {
  const { status, body } = await send(JSON.stringify({ query, variables }));
  const [error] = body?.errors ?? [];
  if (error !== undefined) {
    const { code, retryable } = error.extensions ?? {};
    throw new Refusal(error.message, {
      code,
      retryable: retryable === true || code === 'UNAVAILABLE',
    });
  }
  if (status === 401) {
    throw new Refusal('This token is not accepted.', { code: 'UNAUTHENTICATED' });
  }
  if (body?.data === undefined) {
    throw new Refusal(`The service answered ${status} without saying why.`, {
      code: 'UNAVAILABLE',
      retryable: status >= 500,
    });
  }
  return body.data;
}

/**
 * Sends a document until its answer is known. Only for what may be repeated unchanged: `generate` with one request id is
 * charged once, however often it arrives.
 */
export async function askUntilKnown(query, variables, onWait) {
  for (const delayMs of RETRY_AFTER_MS) {
    try {
      return await ask(query, variables);
    } catch (refusal) {
      if (!refusal.retryable) throw refusal;
      onWait(refusal);
      await new Promise((wake) => setTimeout(wake, delayMs));
    }
  }
  return ask(query, variables);
}

async function send(body) {
  try {
    const response = await fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token()}` },
      body,
      signal: window.AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    return { status: response.status, body: await response.json().catch(() => null) };
  } catch {
    throw new Refusal('The service cannot be reached right now.', {
      code: 'NETWORK',
      retryable: true,
    });
  }
}
