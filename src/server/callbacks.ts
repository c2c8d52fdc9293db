import type { IncomingMessage, ServerResponse } from 'node:http';
import type { App } from '../app.js';
import { readUpTo } from './body.js';
import { replyText } from './reply.js';

// A job with its outputs' addresses has a few kilobytes.
const MAX_BODY_BYTES = 64 * 1024;

const PATH = /^\/callbacks\/([\w-]{1,64})$/;

/** Takes providers' callbacks at `/callbacks/<provider>`. Who sends one proves itself by its signature. */
export function makeServeCallback({ app }: { app: Pick<App, 'reported'> }) {
  return async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    if (req.method !== 'POST') {
      replyText(res, 405, 'Send callbacks by POST.', { allow: 'POST' });
      return;
    }
    const [path = ''] = (req.url ?? '').split('?', 1);
    const [, provider] = PATH.exec(path) ?? [];
    if (provider === undefined) {
      replyText(res, 404, UNKNOWN, { connection: 'close' });
      return;
    }
    const body = await readUpTo(req, MAX_BODY_BYTES);
    if (!body) {
      const problem = `The callback is larger than ${MAX_BODY_BYTES / 1024} KiB. Send only the job.`;
      // What is left of the body is not read: the connection cannot be used again.
      replyText(res, 413, problem, { connection: 'close' });
      return;
    }
    const callback = { headers: headersOf(req), body: body.toString('utf8') };
    switch (app.reported(provider, callback)) {
      case 'taken':
        res.writeHead(204, { 'cache-control': 'no-store' }).end();
        return;
      case 'forged':
        replyText(res, 401, FORGED);
        return;
      case 'unknown':
        replyText(res, 404, UNKNOWN);
    }
  };
}

const FORGED =
  'This is not a job signed with the secret agreed on, as Standard Webhooks has it, within the last 5 minutes. Check secret, clock and body.';
const UNKNOWN = 'No provider of this name sends callbacks here. Use the callbackUrl of the job.';

function headersOf(req: IncomingMessage): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(req.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : value,
    ]),
  );
}
