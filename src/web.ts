import type { IncomingMessage, ServerResponse } from 'node:http';
import { readEditor, readStudio } from './web/files.js';
import type { Page } from './web/files.js';

/** The pages people look at: the Studio at `/`, and the API explorer a browser gets for GET /graphql. */
export interface Pages {
  /**
   * Answers a request for one of the pages' files. False, with nothing written: it is not one of them. A promise for the
   * explorer's editor, which is loaded on first use; it rejects when its package cannot be loaded.
   */
  handle(req: IncomingMessage, res: ServerResponse): boolean | Promise<boolean>;
}

export interface PagesOptions {
  /** Whether GET /graphql shows the explorer to browsers, and the Studio links to it. */
  explorer: boolean;
}

const EDITOR_PATHS = /^\/vendor\/graphiql(-[a-z]+)?\.(js|css)$/;

/** Reads every file of the pages into memory; throws when one is missing. */
export function makePages({ explorer }: PagesOptions): Pages {
  const files = readStudio(explorer);
  let editor: Promise<Map<string, Page>> | undefined;

  return {
    handle(req, res) {
      const path = (req.url ?? '').split('?', 1)[0] ?? '';
      if (path === '/graphql') {
        if (!isRead(req) || !/\btext\/html\b/.test(req.headers.accept ?? '')) return false;
        return answer(files.get('/graphql'), req, res);
      }
      if (explorer && EDITOR_PATHS.test(path)) {
        // Loaded on first use: 9 MB of source, and most gateways never show it.
        editor ??= readEditor();
        return editor.then((parts) => answer(parts.get(path), req, res));
      }
      return answer(files.get(path), req, res);
    },
  };
}

function answer(page: Page | undefined, req: IncomingMessage, res: ServerResponse): boolean {
  if (page === undefined) return false;
  if (!isRead(req)) {
    res.writeHead(405, { allow: 'GET, HEAD' }).end();
    return true;
  }
  const head = {
    etag: page.etag,
    'cache-control': 'no-cache',
    vary: 'accept, accept-encoding',
    'content-security-policy': page.policy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  };
  if (knows(req.headers['if-none-match'], page.etag)) {
    res.writeHead(304, head).end();
    return true;
  }
  const zipped = /\bgzip\b(?!\s*;\s*q=0(\D|$))/.test(req.headers['accept-encoding'] ?? '');
  const body = zipped ? page.gzipped : page.body;
  res.writeHead(200, {
    ...head,
    'content-type': page.contentType,
    'content-length': body.length,
    ...(zipped ? { 'content-encoding': 'gzip' } : {}),
  });
  res.end(req.method === 'HEAD' ? undefined : body);
  return true;
}

function isRead(req: IncomingMessage): boolean {
  return req.method === 'GET' || req.method === 'HEAD';
}

function knows(ifNoneMatch: string | undefined, etag: string): boolean {
  const known = (ifNoneMatch ?? '').split(',').map((tag) => tag.trim());
  return known.includes(etag) || known.includes('*');
}
