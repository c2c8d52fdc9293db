import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Assets, ByteRange } from '../assets.js';
import type { Clock } from '../clock.js';
import { contentTypeOf } from '../domain/media-type.js';
import { readOutputLink, type Links, type OutputTarget } from '../links.js';
import type { Log } from '../log.js';
import { dispositionOf } from './disposition.js';
import { rangeOf } from './ranges.js';
import { replyText } from './reply.js';
import { openLink } from './signed.js';
import { cutWhenStalled } from './stalled.js';

export interface ServeOutputOptions {
  links: Pick<Links, 'verify'>;
  assets: Pick<Assets, 'open' | 'size'>;
  clock: Clock;
  log: Log;
}

/** Serves stored files, or one range of them, to whoever holds a signed link. */
export function makeServeOutput(options: ServeOutputOptions) {
  const { links, assets, clock } = options;
  return async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    if (req.method !== 'GET' && req.method !== 'HEAD') {
      replyText(res, 405, 'Use GET.', { allow: 'GET, HEAD' });
      return;
    }
    const link = openLink(req, links, readOutputLink);
    if (typeof link === 'string') {
      replyText(res, 403, `This link is ${link}. Ask the API for the output's url again.`);
      return;
    }
    const { key } = link.target;
    const headers = headersOf(link.target, link.expiresAt - clock.now());
    const { range, 'if-none-match': known } = req.headers;
    // Most requests need no more than the file; the others depend on its size, or on whether it is there.
    if (req.method === 'GET' && range === undefined && known === undefined) {
      await send(res, options, key, headers, null);
      return;
    }
    const bytes = await assets.size(key);
    if (bytes === null) {
      replyGone(res);
    } else if (isKnown(known, headers.etag)) {
      const { etag, 'cache-control': cacheControl } = headers;
      res.writeHead(304, { etag, 'cache-control': cacheControl }).end();
    } else if (req.method === 'HEAD') {
      res.writeHead(200, { ...headers, 'content-length': bytes }).end();
    } else {
      const asked = rangeAsked(req, headers.etag, bytes);
      if (asked === 'unsatisfiable') replyOutside(res, bytes);
      else await send(res, options, key, headers, asked === 'whole' ? null : asked);
    }
  };
}

type Headers = ReturnType<typeof headersOf>;

function headersOf({ key, name, download }: OutputTarget, validMs: number) {
  const contentType = contentTypeOf(extname(key).slice(1));
  const shown = /^(?:image|video|audio)\//.test(contentType) && !download;
  return {
    'content-type': contentType.startsWith('text/') ? `${contentType}; charset=utf-8` : contentType,
    // What a browser would lay out as a document is only ever saved.
    'content-disposition': dispositionOf(shown ? 'inline' : 'attachment', name),
    'accept-ranges': 'bytes',
    // A file never changes under its key; a shared cache must not outlive the link.
    etag: `"${createHash('sha256').update(key).digest('base64url').slice(0, 22)}"`,
    'cache-control': `private, max-age=${Math.floor(validMs / 1000)}, immutable`,
    // Whatever a provider made must not run here, whatever a browser takes it for.
    'x-content-type-options': 'nosniff',
    'content-security-policy': "sandbox; default-src 'none'",
    // Frontends on other hosts show these files.
    'cross-origin-resource-policy': 'cross-origin',
  };
}

function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  const tags = (ifNoneMatch ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes(etag) || tags.includes('*');
}

/** Who holds a part of something else needs all of it. A date never matches: the ETag is the only validator. */
function rangeAsked(req: IncomingMessage, etag: string, bytes: number) {
  const { range, 'if-range': condition = etag } = req.headers;
  return condition === etag ? rangeOf(range, bytes) : 'whole';
}

async function send(
  res: ServerResponse,
  { assets, clock, log }: ServeOutputOptions,
  key: string,
  headers: Headers,
  range: ByteRange | null,
): Promise<void> {
  const file = await assets.open(key, range ?? undefined);
  if (!file) {
    replyGone(res);
    return;
  }
  const { stream, bytes } = file;
  const { start, end } = range ?? { start: 0, end: bytes - 1 };
  const length = { 'content-length': end - start + 1 };
  if (range) {
    res.writeHead(206, {
      ...headers,
      ...length,
      'content-range': `bytes ${start}-${end}/${bytes}`,
    });
  } else {
    res.writeHead(200, { ...headers, ...length });
  }
  cutWhenStalled(res, clock);
  try {
    // Ending the answer, or losing the caller, also ends the read.
    await pipeline(stream, res);
  } catch (error) {
    // Too late for another status: the caller sees a cut connection.
    log.debug({ err: error }, 'an output was not sent to its end');
  }
}

function replyGone(res: ServerResponse): void {
  replyText(res, 404, 'This file no longer exists.');
}

function replyOutside(res: ServerResponse, bytes: number): void {
  const headers = { 'content-range': `bytes */${bytes}`, 'accept-ranges': 'bytes' };
  replyText(res, 416, `This file has ${bytes} bytes. Ask for a range within them.`, headers);
}
