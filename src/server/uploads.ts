import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';
import type { App } from '../app.js';
import type { Clock } from '../clock.js';
import { readUploadLink, type Links } from '../links.js';
import { refusalOf } from './refusals.js';
import { replyJson } from './reply.js';
import { openLink } from './signed.js';

export interface ServeUploadOptions {
  app: Pick<App, 'receiveUpload'>;
  links: Pick<Links, 'verify'>;
  clock: Clock;
}

// 20 MiB over 2 Mbit/s take 84 s. Below the server's bound for any request, so that it can still be answered.
const WITHIN_MS = 100_000;
// A connection that is closed on a caller who is still sending takes the answer with it: the rest is read for a while.
const LINGER_MS = 5_000;
const RETRY = { 'retry-after': '2' };

interface Answer {
  status: number;
  body: { generationId: string } | { error: { message: string } };
  headers?: OutgoingHttpHeaders;
}

/** Takes the file of an accepted upload, the body of a PUT, from whoever holds its signed link. */
export function makeServeUpload(options: ServeUploadOptions) {
  return async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    try {
      const answer = await answerTo(req, options);
      if (answer) send(req, res, options.clock, answer);
    } catch (error) {
      // Whoever answers now does not know that the rest of the body is still on the connection.
      if (!req.complete && !res.headersSent) res.setHeader('connection', 'close');
      throw error;
    }
  };
}

/** Null: the caller is gone. */
async function answerTo(
  req: IncomingMessage,
  { app, links, clock }: ServeUploadOptions,
): Promise<Answer | null> {
  if (req.method !== 'PUT') return refused(405, 'Send the file with PUT.', { allow: 'PUT' });
  const link = openLink(req, links, readUploadLink);
  if (typeof link === 'string') {
    return refused(403, `This link is ${link}. Ask uploadReference for a new one.`);
  }
  if ((req.headers['content-encoding'] ?? 'identity') !== 'identity') {
    return refused(415, 'Send the file as it is, without a content encoding.');
  }
  if (req.headers['content-range'] !== undefined) {
    return refused(400, 'Send the whole file at once, without Content-Range.');
  }
  const body = bodyOf(req, clock);
  try {
    return outcomeOf(link.target, await app.receiveUpload(link.target, body.content));
  } catch (error) {
    if (body.isLate()) {
      return refused(408, `The file did not come within ${WITHIN_MS / 1000} s. Send it again.`);
    }
    if (req.destroyed && !req.complete) return null;
    const refusal = refusalOf(error);
    if (refusal) return refused(refusal.status, refusal.message);
    throw error;
  } finally {
    body.release();
  }
}

/** The body as a stream of its own: reading it can end early, or fail, and the connection is still there for the answer. */
function bodyOf(req: IncomingMessage, clock: Clock) {
  const content = new PassThrough();
  let late = false;
  const cut = (): void => {
    if (!req.complete) content.destroy(new Error('The body did not come to its end.'));
  };
  // Its reader is told; it may have left by then.
  content.on('error', () => undefined);
  req.once('error', cut);
  req.pipe(content);
  const cancel = clock.after(WITHIN_MS, () => {
    late = !req.complete;
    cut();
  });
  return {
    content,
    isLate: () => late,
    release(): void {
      cancel();
      req.unpipe(content);
      content.destroy();
    },
  };
}

function outcomeOf(
  generationId: string,
  outcome: Awaited<ReturnType<App['receiveUpload']>>,
): Answer {
  if (outcome.kind === 'refused') return refused(outcome.status, outcome.message);
  return { status: outcome.kind === 'stored' ? 201 : 200, body: { generationId } };
}

function refused(status: number, message: string, headers?: OutgoingHttpHeaders): Answer {
  const more = status === 503 ? RETRY : headers;
  return { status, body: { error: { message } }, ...(more && { headers: more }) };
}

function send(
  req: IncomingMessage,
  res: ServerResponse,
  clock: Clock,
  { status, body, headers }: Answer,
): void {
  if (req.complete || res.destroyed) {
    replyJson(res, status, body, headers);
    return;
  }
  const text = `${JSON.stringify(body)}\n`;
  res.writeHead(status, {
    'cache-control': 'no-store',
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    connection: 'close',
    ...headers,
  });
  // All of the answer; ending it would close the connection.
  res.write(text);
  const close = (): void => {
    cancel();
    res.end();
  };
  const cancel = clock.after(LINGER_MS, close);
  req.once('close', close);
  req.resume();
}
