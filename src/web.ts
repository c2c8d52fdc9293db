import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip, gzipSync } from 'node:zlib';

/** The pages people look at: the Studio at `/`, and the API explorer a browser gets for GET /graphql. */
export interface Pages {
  /**
   * Answers a request for one of the pages' files. False, with nothing written: it is not one of them. A promise only
   * while the explorer's editor is loaded for the first time; it rejects when that package cannot be loaded.
   */
  handle(req: IncomingMessage, res: ServerResponse): boolean | Promise<boolean>;
}

export interface PagesOptions {
  /** Whether GET /graphql shows the explorer to browsers, and the Studio links to it. */
  explorer: boolean;
}

interface Page {
  body: Buffer;
  gzipped: Buffer;
  contentType: string;
  etag: string;
  policy: string;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
};

// 'self' covers the WebSocket too (CSP 3: same host and port, ws or wss), so no wider `ws:` source is opened.
const STUDIO_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "media-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

// The editor writes its theme into style elements, carries its fonts as data: and runs language services in workers.
const EXPLORER_POLICY = STUDIO_POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
  .replace("img-src 'self' data: blob:", "img-src 'self' data: blob:; font-src 'self' data:")
  .replace("connect-src 'self'", "connect-src 'self'; worker-src 'self'");

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

function readStudio(explorer: boolean): Map<string, Page> {
  const folder = webFolder();
  const read = (name: string, policy = STUDIO_POLICY): Page => {
    const body = readFileSync(join(folder, name));
    return makePage(body, gzipSync(body), extname(name), policy);
  };
  const files = new Map<string, Page>();
  for (const name of readdirSync(folder)) {
    if (['.js', '.css'].includes(extname(name))) files.set(`/studio/${name}`, read(name));
  }
  files.set('/favicon.svg', read('favicon.svg'));
  const socketClient = readFileSync(
    join(packageFolder('graphql-ws'), 'umd', 'graphql-ws.min.js'),
  );
  files.set(
    '/vendor/graphql-ws.js',
    makePage(socketClient, gzipSync(socketClient), '.js', STUDIO_POLICY),
  );
  if (explorer) files.set('/graphql', read('explorer.html', EXPLORER_POLICY));
  const index = readFileSync(join(folder, 'index.html'), 'utf8');
  // Where there is no explorer, the Studio does not link to it.
  const shown = Buffer.from(explorer ? index : index.replace(/<a [^>]*href="\/graphql".*?<\/a>/s, ''));
  files.set('/', makePage(shown, gzipSync(shown), '.html', STUDIO_POLICY));
  return files;
}

/** GraphiQL's editor and its workers, out of the package that carries them as strings. */
async function readEditor(): Promise<Map<string, Page>> {
  const parts = await import('@graphql-yoga/render-graphiql/graphiql');
  const sources: Record<string, string> = {
    '/vendor/graphiql.js': parts.js,
    '/vendor/graphiql.css': parts.css,
    '/vendor/graphiql-editor.js': parts.editorWorkerService,
    '/vendor/graphiql-json.js': parts.jsonWorker,
    '/vendor/graphiql-graphql.js': parts.graphqlWorker,
  };
  const pages = Object.entries(sources).map(async ([path, source]): Promise<[string, Page]> => {
    const body = Buffer.from(source);
    // Off the event loop: together these take about 0.3 s, while people press Generate.
    const gzipped = await promisify(gzip)(body);
    return [path, makePage(body, gzipped, extname(path), STUDIO_POLICY)];
  });
  return new Map(await Promise.all(pages));
}

function makePage(body: Buffer, gzipped: Buffer, extension: string, policy: string): Page {
  const digest = createHash('sha256').update(body).digest('base64url');
  return {
    body,
    gzipped,
    contentType: CONTENT_TYPES[extension] ?? 'application/octet-stream',
    // Weak: the gzipped and the plain answer share it.
    etag: `W/"${digest}"`,
    policy,
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
  const zipped = /\bgzip\b(?!\s*;\s*q=0(\D|$))/.test(String(req.headers['accept-encoding'] ?? ''));
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

/** `web/` at the package's root: one level above the sources, two above the compiled ones. */
function webFolder(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const found = ['../web', '../../web']
    .map((step) => join(here, step))
    .find((folder) => existsSync(join(folder, 'index.html')));
  if (found === undefined) {
    throw new Error(`The Studio's files are missing: no web/index.html above ${here}. Reinstall.`);
  }
  return found;
}

function packageFolder(name: string): string {
  // Its entry lies in `dist/`; the package file itself is not exported.
  return dirname(dirname(createRequire(import.meta.url).resolve(name)));
}
