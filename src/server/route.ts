import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';
import { makeServeCallback } from './callbacks.js';
import { makeServeExport } from './exports.js';
import type { GraphqlHttp } from './graphql-http.js';
import { replyReadiness } from './health.js';
import type { ServerOptions } from './options.js';
import { makeServeOutput } from './outputs.js';
import { reply, replyText, secure } from './reply.js';
import { makeServeUpload } from './uploads.js';

export interface RouteOptions extends ServerOptions {
  registry: Registry;
  graphql: GraphqlHttp;
  isDraining: () => boolean;
}

/** Answers one request, whatever happens: never rejects. */
export type Route = (req: IncomingMessage, res: ServerResponse) => Promise<void>;

export function makeRoute(options: RouteOptions): Route {
  const { pages, graphql, registry, log } = options;
  const serveOutput = makeServeOutput(options);
  const serveUpload = makeServeUpload(options);
  const serveExport = makeServeExport(options);
  const serveCallback = makeServeCallback(options);

  return async (req, res) => {
    secure(res);
    try {
      await route(req, res);
    } catch (error) {
      // A caller that went away while it was sending is no failure of ours, and nobody is left to be told.
      if (req.destroyed && !req.complete) return;
      const correlationId = randomUUID();
      log.error({ err: error, correlationId }, 'a request failed unexpectedly');
      replyText(
        res,
        500,
        `Something went wrong here. If it persists, give Support this id: ${correlationId}.`,
      );
    }
  };

  async function route(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const [path = ''] = (req.url ?? '').split('?', 1);
    if (path === '/graphql') await graphqlOrPage(req, res);
    else if (path.startsWith('/outputs/')) await serveOutput(req, res);
    else if (path.startsWith('/uploads/')) await serveUpload(req, res);
    else if (path.startsWith('/exports/')) await serveExport(req, res);
    else if (path.startsWith('/callbacks/')) await serveCallback(req, res);
    else if (path === '/healthz') replyText(res, 200, 'ok');
    else if (path === '/readyz') await replyReadiness(res, options, options.isDraining());
    else if (path === '/metrics') reply(res, 200, registry.contentType, await registry.metrics());
    else if (!(await pages.handle(req, res))) {
      replyText(res, 404, 'There is nothing here. The API is at /graphql.');
    }
  }

  async function graphqlOrPage(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const forPeople = req.method === 'GET' && req.headers.accept?.includes('text/html');
    if (forPeople && (await pages.handle(req, res))) return;
    await graphql.handle(req, res);
  }
}
