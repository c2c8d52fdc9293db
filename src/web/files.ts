import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip, gzipSync } from 'node:zlib';

/** One file of the pages, ready to be sent. */
export interface Page {
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

/** A content security policy in which nothing comes from outside and nothing inline runs. */
function policyWith(styles: string, more: readonly string[] = []): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src ${styles}`,
    "img-src 'self' data: blob:",
    "media-src 'self'",
    // Covers the WebSocket too (CSP 3: same host and port, ws or wss), so no wider `ws:` source is opened.
    "connect-src 'self'",
    ...more,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

const STUDIO_POLICY = policyWith("'self'");

// The editor writes its theme into style elements, carries its fonts as data: and runs language services in workers.
const EXPLORER_POLICY = policyWith("'self' 'unsafe-inline'", [
  "font-src 'self' data:",
  "worker-src 'self'",
]);

/** The Studio, and the explorer's own page, by path. Throws when a file is missing. */
export function readStudio(explorer: boolean): Map<string, Page> {
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
  const socketClient = readFileSync(join(packageFolder('graphql-ws'), 'umd', 'graphql-ws.min.js'));
  files.set(
    '/vendor/graphql-ws.js',
    makePage(socketClient, gzipSync(socketClient), '.js', STUDIO_POLICY),
  );
  if (explorer) files.set('/graphql', read('explorer.html', EXPLORER_POLICY));
  const index = readFileSync(join(folder, 'index.html'), 'utf8');
  // Where there is no explorer, the Studio does not link to it.
  const shown = Buffer.from(
    explorer ? index : index.replace(/<a [^>]*href="\/graphql".*?<\/a>/s, ''),
  );
  files.set('/', makePage(shown, gzipSync(shown), '.html', STUDIO_POLICY));
  return files;
}

/** GraphiQL's editor and its workers, by path, out of the package that carries them as strings. */
export async function readEditor(): Promise<Map<string, Page>> {
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

/** `web/` at the package's root: two levels above the sources, three above the compiled ones. */
function webFolder(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const found = ['../../web', '../../../web']
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
