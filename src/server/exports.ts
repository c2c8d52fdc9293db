import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { App } from '../app.js';
import type { ArchiveEntry } from '../app/archive.js';
import type { Clock } from '../clock.js';
import { readExportLink, type Links } from '../links.js';
import type { Log } from '../log.js';
import { dispositionOf } from './disposition.js';
import { refusalOf } from './refusals.js';
import { replyText } from './reply.js';
import { openLink } from './signed.js';
import { cutWhenStalled } from './stalled.js';
import { makeZip } from './zip.js';

export interface ServeExportOptions {
  app: Pick<App, 'archive'>;
  links: Pick<Links, 'verify'>;
  clock: Clock;
  log: Log;
}

// Each reads the ledger and the asset store as fast as its caller takes it.
const AT_ONCE = 16;
const RETRY = { 'retry-after': '60' };

/**
 * Sends everything kept about an account as one ZIP to whoever holds a signed link. A file that is gone is left out and
 * named in `missing.json`. Sixteen archives at once, one for each account; others are told to come again.
 */
export function makeServeExport({ app, links, clock, log }: ServeExportOptions) {
  const running = new Set<string>();
  return async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    if (req.method !== 'GET' && req.method !== 'HEAD') {
      replyText(res, 405, 'Use GET.', { allow: 'GET, HEAD' });
      return;
    }
    const link = openLink(req, links, readExportLink);
    if (typeof link === 'string') {
      replyText(res, 403, `This link is ${link}. Ask the API for a new one.`);
      return;
    }
    const at = new Date(clock.now());
    if (req.method === 'HEAD') {
      res.writeHead(200, headersOf(at)).end();
      return;
    }
    const account = link.target;
    if (running.size >= AT_ONCE || running.has(account)) {
      const problem = 'Too many archives are being sent right now. Ask again in a minute.';
      replyText(res, 503, problem, RETRY);
      return;
    }
    running.add(account);
    try {
      await sendArchive(res, app.archive(account), at, { clock, log });
    } finally {
      running.delete(account);
    }
  };
}

function headersOf(at: Date): Record<string, string> {
  const name = `genquota-export-${at.toISOString().slice(0, 10)}.zip`;
  return {
    'content-type': 'application/zip',
    'content-disposition': dispositionOf('attachment', name),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  };
}

async function sendArchive(
  res: ServerResponse,
  entries: AsyncIterable<ArchiveEntry>,
  at: Date,
  { clock, log }: Pick<ServeExportOptions, 'clock' | 'log'>,
): Promise<void> {
  const left = new AbortController();
  res.once('close', () => {
    left.abort();
  });
  const zip = makeZip(at, left.signal);
  const missing: string[] = [];
  let sent: Promise<void> | undefined;

  const begin = (): Promise<void> => {
    res.writeHead(200, headersOf(at));
    cutWhenStalled(res, clock);
    const sending = pipeline(zip.stream, res);
    // Looked at when all is added; what goes wrong before then ends the adding, too.
    sending.catch(() => undefined);
    return sending;
  };

  try {
    for await (const { name, content } of entries) {
      left.signal.throwIfAborted();
      // Not before the first one is there: when that fails, there is still a status to say so.
      sent ??= begin();
      const source = typeof content === 'function' ? await content() : content;
      if (source) await zip.add(name, source);
      else missing.push(name);
    }
    if (missing.length > 0) await zip.add('missing.json', Buffer.from(JSON.stringify(missing)));
    zip.end();
    await (sent ?? begin());
  } catch (error) {
    const gone = left.signal.aborted;
    // Whoever is still reading sees a cut connection, not an archive that looks whole.
    zip.stream.destroy();
    if (gone) log.debug({ err: error }, 'an export was not read to its end');
    else if (res.headersSent) log.warn({ err: error }, 'an export could not be sent to its end');
    else replyFailed(res, error);
  }
}

function replyFailed(res: ServerResponse, error: unknown): void {
  const refusal = refusalOf(error);
  if (!refusal) throw error;
  const { status, message } = refusal;
  replyText(res, status, message, status === 503 ? RETRY : undefined);
}
