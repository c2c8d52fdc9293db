import { createServer, type IncomingMessage, type Server as HttpServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Viewer } from './auth.js';
import { makeContext, type Context } from './graphql/context.js';
import { makePrepare } from './graphql/documents.js';
import { makeShapeError } from './graphql/errors.js';
import { documentRules } from './graphql/limits.js';
import { makeSchema } from './graphql/schema.js';
import { makeBaseUrlOf } from './server/base-url.js';
import { makeGraphqlHttp } from './server/graphql-http.js';
import { counted, makeRegistry, measureSockets } from './server/metrics.js';
import { linksFrom } from './server/file-links.js';
import type { ServerOptions } from './server/options.js';
import { makeRoute } from './server/route.js';
import { makeSockets } from './server/websocket.js';

export type { ServerOptions };

/** One HTTP server: GraphQL over HTTP and WebSocket, files, pages, health and metrics. */
export interface Server {
  /** `port` 0: any free one. Rejects when the address is taken. */
  listen(port: number, host: string): Promise<{ url: string }>;
  /** Stops accepting, tells sockets to go (1001), waits up to `withinMs` for what is in flight and cuts the rest. */
  dispose(withinMs: number): Promise<void>;
}

// Longer than the 60 s load balancers commonly keep idle connections, so that they close them, not we.
const KEEP_ALIVE_MS = 65_000;
const HEADERS_WITHIN_MS = 15_000;
// An upload has 100 s (20 MiB over 2 Mbit/s take 84), and then gets an answer.
const REQUEST_WITHIN_MS = 120_000;
const MAX_SOCKETS = 20_000;

export function makeServer(options: ServerOptions): Server {
  const { authenticate, links, introspection, publicUrl, clock, log } = options;
  const registry = options.registry ?? makeRegistry();
  const app = counted(options.app, registry);
  const schema = makeSchema();
  const rules = documentRules(introspection);
  const baseUrlOf = makeBaseUrlOf(publicUrl);
  const shared = { schema, authenticate, contextOf, shapeError: makeShapeError(log), clock, log };
  const graphql = makeGraphqlHttp({ ...shared, rules, introspection });
  const sockets = makeSockets({
    ...shared,
    prepare: makePrepare(schema, rules),
    publicUrl,
    maxSockets: options.maxSockets ?? MAX_SOCKETS,
  });
  measureSockets(registry, () => sockets.count());
  let draining = false;
  let disposed: Promise<void> | undefined;
  const route = makeRoute({ ...options, registry, graphql, isDraining: () => draining });

  const http = createServer((req, res) => {
    if (draining) res.setHeader('connection', 'close');
    // One that was kept alive until now would be waited for.
    res.once('close', () => {
      if (draining) http.closeIdleConnections();
    });
    void route(req, res);
  });
  http.keepAliveTimeout = KEEP_ALIVE_MS;
  http.headersTimeout = HEADERS_WITHIN_MS;
  http.requestTimeout = REQUEST_WITHIN_MS;
  const connections = new Set<Socket>();
  http.on('connection', (connection) => {
    connections.add(connection);
    connection.once('close', () => connections.delete(connection));
  });
  http.on('upgrade', (req, socket, head) => {
    sockets.upgrade(req, socket, head);
  });

  return {
    async listen(port, host) {
      await graphql.start();
      return { url: await listening(http, port, host) };
    },
    dispose: (withinMs) => (disposed ??= dispose(withinMs)),
  };

  async function dispose(withinMs: number): Promise<void> {
    draining = true;
    const closed = new Promise<void>((resolve) => {
      http.close(() => {
        resolve();
      });
    });
    // Browsers and balancers open some in advance; node takes only those that were used before for idle.
    for (const connection of connections) if (connection.bytesRead === 0) connection.destroy();
    const cancel = clock.after(withinMs, () => {
      http.closeAllConnections();
    });
    await Promise.all([closed, sockets.dispose(withinMs)]);
    cancel();
    await graphql.stop();
  }

  function contextOf(viewer: Viewer | null, req: IncomingMessage): Context {
    return makeContext({ app, viewer, links: linksFrom(links, baseUrlOf(req), clock) });
  }
}

function listening(http: HttpServer, port: number, host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, host, () => {
      http.off('error', reject);
      const address = http.address() as AddressInfo;
      const wild = address.address === '0.0.0.0' || address.address === '::';
      const name = wild
        ? 'localhost'
        : address.family === 'IPv6'
          ? `[${address.address}]`
          : address.address;
      resolve(`http://${name}:${address.port}`);
    });
  });
}
