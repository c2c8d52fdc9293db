import { ask, askUntilKnown, Refusal } from '/studio/api.js';
import { CANCEL, ONE, UPLOAD } from '/studio/documents.js';
import { onThisOrigin } from '/studio/media.js';
import { newRequestId } from '/studio/page.js';

const PICTURE_TYPES = ['image/png', 'image/jpeg', 'image/webp', 'image/gif', 'image/avif'];
const MOST_BYTES = 20 * 1024 * 1024;
// The gateway itself gives up after 100 s.
const SENT_WITHIN_MS = 110_000;
const SEND_AGAIN_AFTER_MS = [1_000, 3_000];

/** Why a file cannot be uploaded, in words for the person; null: it can. */
export function problemOf({ name, type, size }) {
  if (!PICTURE_TYPES.includes(type)) {
    return `${name} is no picture that can be used. Choose a PNG, JPEG, WebP, GIF or AVIF file.`;
  }
  if (size === 0) return `${name} is empty. Choose another file.`;
  return size > MOST_BYTES ? `${name} has more than 20 MB. Choose a smaller one.` : null;
}

/**
 * Uploads a picture: free, also when nothing is left. Answers its generation, whose output can be used as an input.
 * `onProgress` gets 0 to 1. When `signal` aborts, what was begun is cancelled.
 */
export async function uploadPicture(file, { onProgress, signal }) {
  const input = { requestId: newRequestId(), contentType: file.type, bytes: file.size };
  const { uploadReference: accepted } = await askUntilKnown(UPLOAD, { input }, () => {});
  if (accepted.generation === undefined) throw new Refusal(accepted.message, {});
  const { id } = accepted.generation;
  try {
    if (accepted.upload !== null) await sendUntilDone(accepted.upload, file, onProgress, signal);
  } catch (refusal) {
    // Nothing will come any more: the history need not wait for it until the link runs out.
    ask(CANCEL, { id }).catch(() => undefined);
    throw refusal;
  }
  const { generation } = await ask(ONE, { id });
  if (!generation?.outputs.length) throw new Refusal('The picture did not arrive. Try again.', {});
  return generation;
}

async function sendUntilDone(target, file, onProgress, signal) {
  for (const delayMs of SEND_AGAIN_AFTER_MS) {
    try {
      return await send(target, file, onProgress, signal);
    } catch (refusal) {
      if (!refusal.retryable) throw refusal;
      await new Promise((wake) => setTimeout(wake, delayMs));
    }
  }
  return send(target, file, onProgress, signal);
}

/** `fetch` does not tell how much has been sent. */
function send({ url, method, contentType }, file, onProgress, signal) {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const request = new window.XMLHttpRequest();
    const fail = (message, retryable) => reject(new Refusal(message, { retryable }));
    request.open(method, onThisOrigin(url));
    request.setRequestHeader('content-type', contentType);
    request.timeout = SENT_WITHIN_MS;
    request.upload.addEventListener('progress', ({ loaded, total }) => onProgress(loaded / total));
    request.addEventListener('load', () => {
      if (request.status < 300) resolve();
      else fail(messageOf(request), request.status >= 500);
    });
    request.addEventListener('error', () => fail('The picture could not be sent.', true));
    request.addEventListener('timeout', () => fail('Sending the picture took too long.', false));
    request.addEventListener('abort', () => fail('The upload was cancelled.', false));
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.send(file);
  });
}

function messageOf({ status, responseText }) {
  try {
    return JSON.parse(responseText).error.message;
  } catch {
    return `The picture was answered with ${status}.`;
  }
}
