import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  ApolloServer,
  HeaderMap,
  type ApolloServerPlugin,
  type HTTPGraphQLRequest,
} from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { GraphQLError, OperationTypeNode, type GraphQLSchema, type ValidationRule } from 'graphql';
import type { Authenticate, Viewer } from '../auth.js';
import { Fault } from '../domain/fault.js';
import type { Context } from '../graphql/context.js';
import type { ShapeError } from '../graphql/errors.js';
import { DOCUMENT_LIMITS } from '../graphql/limits.js';
import type { Log } from '../log.js';
import { readJson } from './body.js';
import { reply, replyJson } from './reply.js';

export interface GraphqlHttpOptions {
  schema: GraphQLSchema;
  rules: readonly ValidationRule[];
  introspection: boolean;
  shapeError: ShapeError;
  authenticate: Authenticate;
  contextOf: (viewer: Viewer | null, req: IncomingMessage) => Context;
  log: Log;
}

/** GraphQL over HTTP: POST for everything but subscriptions, GET for queries. */
export interface GraphqlHttp {
  start(): Promise<void>;
  handle(req: IncomingMessage, res: ServerResponse): Promise<void>;
  stop(): Promise<void>;
}

export function makeGraphqlHttp(options: GraphqlHttpOptions): GraphqlHttp {
  const { authenticate, contextOf } = options;
  const apollo = makeApollo(options);

  return {
    start: () => apollo.start(),
    stop: () => apollo.stop(),
    async handle(req, res) {
      if (req.method !== 'POST' && req.method !== 'GET') {
        const problem = 'Send GraphQL by POST, or queries by GET.';
        replyJson(res, 405, refusal(problem), { allow: 'GET, POST' });
        return;
      }
      const body = req.method === 'POST' ? await readJson(req) : { json: undefined };
      if ('problem' in body) {
        // What is left of the body is not read: the connection cannot be used again.
        replyJson(res, body.status, refusal(body.problem), { connection: 'close' });
        return;
      }
      const answer = await apollo.executeHTTPGraphQLRequest({
        httpGraphQLRequest: requestOf(req, body.json),
        context: async () => contextOf(await viewerOf(req, authenticate), req),
      });
      if (answer.body.kind !== 'complete') throw new Error('incremental delivery is not served');
      const { 'content-type': contentType = 'application/json', ...headers } = Object.fromEntries(
        answer.headers,
      );
      reply(res, answer.status ?? 200, contentType, answer.body.string, headers);
    },
  };
}

function makeApollo(options: GraphqlHttpOptions): ApolloServer<Context> {
  const { log } = options;
  return new ApolloServer<Context>({
    schema: options.schema,
    introspection: options.introspection,
    validationRules: [...options.rules],
    parseOptions: { maxLexicalTokens: DOCUMENT_LIMITS.tokens },
    formatError: (_formatted, error) => options.shapeError(error),
    includeStacktraceInErrorResponses: false,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    persistedQueries: false,
    stopOnTerminationSignals: false,
    logger: {
      debug: (message) => {
        log.debug({}, String(message));
      },
      info: (message) => {
        log.info({}, String(message));
      },
      warn: (message) => {
        log.warn({}, String(message));
      },
      error: (message) => {
        log.error({}, String(message));
      },
    },
    plugins: [
      subscriptionsElsewhere,
      // Its page loads from a CDN; the others watch every field or read the environment.
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
    ],
  });
}

const subscriptionsElsewhere: ApolloServerPlugin<Context> = {
  requestDidStart: () =>
    Promise.resolve({
      didResolveOperation({ operation }) {
        if (operation?.operation !== OperationTypeNode.SUBSCRIPTION) return Promise.resolve();
        throw new GraphQLError(
          'Subscriptions are served over WebSocket on this path, protocol graphql-transport-ws.',
          {
            extensions: { code: 'BAD_REQUEST', http: { status: 400 } },
          },
        );
      },
    }),
};

function requestOf(req: IncomingMessage, body: unknown): HTTPGraphQLRequest {
  const headers = new HeaderMap();
  for (const [name, value] of Object.entries(req.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  const url = req.url ?? '';
  const start = url.indexOf('?');
  return { method: req.method ?? '', headers, search: start < 0 ? '' : url.slice(start), body };
}

/** Null when no token was sent. One that is not good ends the request with 401, whatever it asks for. */
async function viewerOf(req: IncomingMessage, authenticate: Authenticate): Promise<Viewer | null> {
  const { authorization } = req.headers;
  if (authorization === undefined) return null;
  try {
    const token = /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
    if (token === undefined)
      throw new Fault('UNAUTHENTICATED', 'Send Authorization: Bearer <token>.');
    return await authenticate(token);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const http =
      error.code === 'UNAUTHENTICATED'
        ? { status: 401, headers: new HeaderMap([['www-authenticate', 'Bearer']]) }
        : { status: 503 };
    throw new GraphQLError(error.message, { extensions: { http }, originalError: error });
  }
}

function refusal(message: string): object {
  return { errors: [{ message, extensions: { code: 'BAD_REQUEST' } }] };
}
