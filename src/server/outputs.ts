import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { contentTypeOf } from '../domain/media-type.js';
import type { ServerOptions } from './options.js';
import { replyText } from './reply.js';

/** Serves delivered files to whoever holds a signed link. */
export function makeServeOutput({
  links,
  assets,
  clock,
  log,
}: Pick<ServerOptions, 'links' | 'assets' | 'clock' | 'log'>) {
  return async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    if (req.method !== 'GET' && req.method !== 'HEAD') {
      replyText(res, 405, 'Use GET.', { allow: 'GET, HEAD' });
      return;
    }
    const [path = '', query = ''] = (req.url ?? '').split('?', 2);
    const link = links.verify(path, new URLSearchParams(query));
    if (typeof link === 'string') {
      replyText(res, 403, `This link is ${link}. Ask the API for the output's url again.`);
      return;
    }
    const file = await assets.open(link.key);
    if (!file) {
      replyText(res, 404, 'This file no longer exists.');
      return;
    }
    res.writeHead(200, headersOf(link.key, link.expiresAt - clock.now()));
    try {
      // Ending the answer, or losing the caller, also ends the read. For HEAD node drops the bytes.
      await pipeline(file, res);
    } catch (error) {
      // Too late for another status: the caller sees a cut connection.
      log.debug({ err: error }, 'an output was not sent to its end');
    }
  };
}

function headersOf(key: string, validMs: number): Record<string, string> {
  // Keys end in `generation/index.ext`.
  const name = key
    .split('/')
    .slice(-2)
    .join('-')
    .replaceAll(/[^\w.-]/g, '_');
  return {
    'content-type': contentTypeOf(extname(key).slice(1)),
    'content-disposition': `inline; filename="generation-${name}"`,
    // A file never changes under its key; a shared cache must not outlive the link.
    'cache-control': `private, max-age=${Math.floor(validMs / 1000)}, immutable`,
    // Whatever a provider made: an SVG opened by its link must not run scripts here.
    'content-security-policy': "sandbox; default-src 'none'",
    // Frontends on other hosts show these files.
    'cross-origin-resource-policy': 'cross-origin',
  };
}
