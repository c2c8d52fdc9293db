import { readFileSync, readdirSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { IncomingHttpHeaders, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { buildSchema, parse, specifiedRules, validate } from 'graphql';
import { DOCUMENT_LIMITS, documentRules } from '../src/graphql/limits.js';
import { makePages } from '../src/web.js';

interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

const servers: Server[] = [];

async function serve(explorer: boolean): Promise<number> {
  const pages = makePages({ explorer });
  const server = createServer((req, res) => {
    void Promise.resolve(pages.handle(req, res)).then((handled) => {
      if (!handled) res.writeHead(404, { 'x-left': 'to the server' }).end();
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** Sends the path exactly as written: `fetch` would tidy `..` away. */
function get(
  port: number,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, headers, method }, (res) => {
      const chunks: Buffer[] = [];
      res.on('data', (chunk: Buffer) => chunks.push(chunk));
      res.on('end', () => {
        resolve({ status: res.statusCode ?? 0, headers: res.headers, body: Buffer.concat(chunks) });
      });
    });
    sent.on('error', reject);
    sent.end();
  });
}

const BROWSER = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };
const STUDIO_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

describe('the pages', () => {
  let port = 0;
  const studioFiles = readdirSync(new URL('../web/', import.meta.url))
    .filter((name) => /\.(js|css)$/.test(name))
    .map((name) => `/studio/${name}`);

  beforeAll(async () => {
    port = await serve(true);
  });

  afterAll(() => {
    for (const server of servers) server.close();
  });

  it('should serve the Studio with a policy that lets nothing in from outside', async () => {
    const { status, headers, body } = await get(port, '/?from=mail', BROWSER);
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(headers['content-security-policy']).toBe(STUDIO_POLICY);
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(headers['cache-control']).toBe('no-cache');
    expect(body.toString()).toContain('Generate ✨');
  });

  it.each([
    ['/studio/studio.js', 'text/javascript; charset=utf-8'],
    ['/studio/studio.css', 'text/css; charset=utf-8'],
    ['/favicon.svg', 'image/svg+xml; charset=utf-8'],
    ['/vendor/graphql-ws.js', 'text/javascript; charset=utf-8'],
    ['/vendor/graphiql.js', 'text/javascript; charset=utf-8'],
    ['/vendor/graphiql.css', 'text/css; charset=utf-8'],
    ['/vendor/graphiql-editor.js', 'text/javascript; charset=utf-8'],
    ['/vendor/graphiql-json.js', 'text/javascript; charset=utf-8'],
    ['/vendor/graphiql-graphql.js', 'text/javascript; charset=utf-8'],
  ])('should serve %s as %s', async (path, contentType) => {
    const { status, headers, body } = await get(port, path);
    expect(status).toBe(200);
    expect(headers['content-type']).toBe(contentType);
    expect(headers['content-security-policy']).toBe(STUDIO_POLICY);
    expect(body.length).toBe(Number(headers['content-length']));
    expect(body.length).toBeGreaterThan(100);
  });

  it('should have every file that a page or module names', async () => {
    const sources = ['/', '/graphql', ...studioFiles];
    const named = new Set<string>();
    for (const source of sources) {
      const text = (await get(port, source, BROWSER)).body.toString();
      for (const [, path] of text.matchAll(/["'](\/(?:studio|vendor)\/[\w.-]+)["']/g)) {
        named.add(path!);
      }
    }
    expect(named.size).toBeGreaterThan(40);
    for (const path of named) expect([path, (await get(port, path)).status]).toEqual([path, 200]);
  });

  it('should name no address outside, and carry no inline script or style', async () => {
    for (const path of ['/', '/graphql', '/favicon.svg', '/vendor/graphql-ws.js', ...studioFiles]) {
      const text = (await get(port, path, BROWSER)).body.toString();
      const outside = text
        .replaceAll('http://www.w3.org/', '')
        .match(/(https?:)?\/\/[a-z0-9-]+\.[a-z]+/gi);
      expect([path, outside]).toEqual([path, null]);
      if (!text.startsWith('<!doctype html>')) continue;
      expect(text).not.toMatch(/<style|\sstyle=|\son[a-z]+=|javascript:/i);
      expect(text).not.toMatch(/<script(?![^>]*\ssrc=)/);
    }
  });

  it('should show the explorer to browsers and leave API requests on /graphql alone', async () => {
    const page = await get(port, '/graphql', BROWSER);
    expect(page.status).toBe(200);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    const policy = page.headers['content-security-policy'] ?? '';
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("worker-src 'self';");
    expect(policy).not.toMatch(/unsafe-eval|https?:|ws:|\*/);
    for (const [method, accept] of [
      ['GET', 'application/json'],
      ['GET', '*/*'],
      ['POST', BROWSER.accept],
      ['OPTIONS', BROWSER.accept],
    ] as const) {
      const { headers } = await get(port, '/graphql', { accept }, method);
      expect([method, accept, headers['x-left']]).toEqual([method, accept, 'to the server']);
    }
  });

  it('should neither serve nor link the explorer where it is switched off', async () => {
    const closed = await serve(false);
    expect((await get(closed, '/graphql', BROWSER)).status).toBe(404);
    expect((await get(closed, '/vendor/graphiql.js')).status).toBe(404);
    const studio = (await get(closed, '/')).body.toString();
    expect(studio).not.toContain('/graphql"');
    expect(studio).toContain('id="sign-out"');
    expect((await get(port, '/')).body.toString()).toContain('href="/graphql"');
  });

  it('should answer HEAD with the headers of GET and no body', async () => {
    for (const path of ['/', '/graphql', '/studio/studio.js']) {
      const full = await get(port, path, BROWSER);
      const head = await get(port, path, BROWSER, 'HEAD');
      expect(head.status).toBe(200);
      expect(head.body.length).toBe(0);
      expect(head.headers['content-length']).toBe(String(full.body.length));
      expect(head.headers.etag).toBe(full.headers.etag);
    }
  });

  it('should refuse to be written to', async () => {
    const { status, headers } = await get(port, '/', {}, 'POST');
    expect([status, headers.allow]).toEqual([405, 'GET, HEAD']);
  });

  it('should answer 304 while nothing has changed', async () => {
    const { headers } = await get(port, '/studio/studio.css');
    const etag = headers.etag!;
    const again = await get(port, '/studio/studio.css', { 'if-none-match': `"older", ${etag}` });
    expect([again.status, again.body.length]).toEqual([304, 0]);
    expect(again.headers['content-security-policy']).toBe(STUDIO_POLICY);
    expect((await get(port, '/studio/studio.css', { 'if-none-match': '"older"' })).status).toBe(
      200,
    );
  });

  it('should compress for those who accept it', async () => {
    const plain = await get(port, '/studio/studio.css');
    const zipped = await get(port, '/studio/studio.css', { 'accept-encoding': 'br, gzip' });
    expect(zipped.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(zipped.body)).toEqual(plain.body);
    const refused = await get(port, '/studio/studio.css', { 'accept-encoding': 'gzip;q=0' });
    expect(refused.headers['content-encoding']).toBeUndefined();
  });

  it.each([
    '/studio/../package.json',
    '/studio/..%2fpackage.json',
    '/studio/%2e%2e/package.json',
    '/studio/..\\package.json',
    '/studio/',
    '/studio/index.html',
    '/vendor/../package.json',
    '/vendor/graphiql-nothing.js',
    '/index.html',
    '//studio/studio.js',
  ])('should not know %s', async (path) => {
    expect((await get(port, path)).status).toBe(404);
  });

  it('should have every element and icon that a module looks for', async () => {
    const page = (await get(port, '/', BROWSER)).body.toString();
    const looked = new Set<string>();
    for (const path of studioFiles.filter((name) => name.endsWith('.js'))) {
      const text = (await get(port, path)).body.toString();
      for (const [, id] of text.matchAll(/find\('([\w-]+)'\)/g)) looked.add(id!);
      for (const [, name] of text.matchAll(/icon(?:: |\()'([\w-]+)'/g)) looked.add(`i-${name!}`);
    }
    expect(looked.size).toBeGreaterThan(60);
    expect([...looked].filter((id) => !page.includes(`id="${id}"`))).toEqual([]);
  });

  it.each(['documents.js', 'workspace-documents.js'])(
    'should ask in %s only for what the schema has, within the limits of a document',
    async (name) => {
      const schema = buildSchema(
        readFileSync(new URL('../schema/schema.graphql', import.meta.url), 'utf8'),
      );
      const { href } = new URL(`../web/${name}`, import.meta.url);
      const documents = Object.entries((await import(href)) as Record<string, string>);
      expect(documents.length).toBeGreaterThan(10);
      for (const [title, text] of documents) {
        const document = parse(text, { maxTokens: DOCUMENT_LIMITS.tokens });
        const rules = [...documentRules(true), ...specifiedRules];
        expect([title, validate(schema, document, rules)]).toEqual([title, []]);
      }
    },
  );

  it('should keep the token out of storage that outlives the tab', async () => {
    for (const path of studioFiles.filter((name) => name.endsWith('.js'))) {
      expect((await get(port, path)).body.toString()).not.toMatch(
        /localStorage[.[]|document\.cookie/,
      );
    }
  });
});
