import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { GraphQLError, type ExecutionArgs, type GraphQLSchema } from 'graphql';
import { useServer, type Extra } from 'graphql-ws/use/ws';
import type { Context as Connection, SubscribePayload } from 'graphql-ws';
import { WebSocketServer } from 'ws';
import type { Authenticate, Viewer } from '../auth.js';
import type { Clock } from '../clock.js';
import { Fault } from '../domain/fault.js';
import type { Context } from '../graphql/context.js';
import type { Prepare } from '../graphql/documents.js';
import type { ShapeError } from '../graphql/errors.js';
import { SOCKET_OPERATIONS } from '../graphql/limits.js';
import type { Log } from '../log.js';
import { closeAt, tokenIn } from './session.js';

export interface SocketsOptions {
  schema: GraphQLSchema;
  prepare: Prepare;
  shapeError: ShapeError;
  authenticate: Authenticate;
  contextOf: (viewer: Viewer | null, req: IncomingMessage) => Context;
  clock: Clock;
  log: Log;
  publicUrl: string | null;
  maxSockets: number;
}

/** GraphQL over WebSocket (graphql-transport-ws): queries, mutations and subscriptions. */
export interface Sockets {
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** WebSockets open now. */
  count(): number;
  /** Closes every socket with 1001 and destroys those that have not gone `withinMs` later. */
  dispose(withinMs: number): Promise<void>;
}

interface Session {
  viewer: Viewer;
  cancelExpiry(): void;
}

type Socket = Connection<Record<string, unknown>, Extra & { session?: Session }>;

const MAX_MESSAGE_BYTES = 64 * 1024;
const INIT_WITHIN_MS = 10_000;
const UNAUTHORIZED = 4401;
const TRY_AGAIN_LATER = 1013;

export function makeSockets(options: SocketsOptions): Sockets {
  const { clock, log } = options;
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
  });
  const graphql = useServer<Record<string, unknown>, { session?: Session }>(
    {
      schema: options.schema,
      isProd: true,
      connectionInitWaitTimeout: INIT_WITHIN_MS,
      onConnect: (connection) => connect(options, connection),
      onSubscribe: (connection, _id, payload) => prepared(options, connection, payload),
      onNext: (_connection, _id, _payload, _args, { data, errors }) =>
        errors && {
          // Absent when nothing was executed.
          ...(data === undefined ? {} : { data }),
          errors: errors.map(options.shapeError),
        },
      onError: (_connection, _id, _payload, errors) => errors.map(options.shapeError),
      onClose: ({ extra }) => extra.session?.cancelExpiry(),
    },
    server,
  );
  server.on('connection', (socket) => {
    // A broken frame is the caller's doing: graphql-ws would print it to the console.
    socket.removeAllListeners('error');
    socket.on('error', (error) => {
      log.debug({ err: error }, 'a websocket failed');
    });
  });

  return {
    upgrade(req, socket, head) {
      const refused = refusal(req);
      if (refused !== null) {
        // Without a listener, a reset by the caller would end the process.
        socket.on('error', () => socket.destroy());
        socket.end(`HTTP/1.1 ${refused}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
        return;
      }
      server.handleUpgrade(req, socket, head, (opened) => server.emit('connection', opened, req));
    },
    count: () => server.clients.size,
    async dispose(withinMs) {
      const cancel = clock.after(withinMs, () => {
        for (const client of server.clients) client.terminate();
      });
      await graphql.dispose();
      cancel();
    },
  };

  function refusal(req: IncomingMessage): string | null {
    if (req.url?.split('?', 1)[0] !== '/graphql') return '404 Not Found';
    if (!isOwnOrigin(req, options.publicUrl)) return '403 Forbidden';
    return server.clients.size >= options.maxSockets ? '503 Service Unavailable' : null;
  }
}

/** Browsers say which page opens a socket, and CORS does not apply: other sites' pages are refused. Apps say nothing. */
function isOwnOrigin(req: IncomingMessage, publicUrl: string | null): boolean {
  const { origin, host } = req.headers;
  if (origin === undefined) return true;
  if (!URL.canParse(origin)) return false;
  return (
    new URL(origin).host === host || (publicUrl !== null && origin === new URL(publicUrl).origin)
  );
}

async function connect(
  { authenticate, clock, log }: SocketsOptions,
  { connectionParams, extra }: Socket,
): Promise<boolean> {
  const { socket } = extra;
  try {
    const viewer = await authenticate(tokenIn(connectionParams));
    if (socket.readyState !== socket.OPEN) return false;
    const end = (): void => {
      socket.close(UNAUTHORIZED, 'Unauthorized');
    };
    extra.session = { viewer, cancelExpiry: closeAt(viewer.expiresAt, clock, end) };
    return true;
  } catch (error) {
    if (error instanceof Fault && error.code === 'UNAUTHENTICATED') {
      socket.close(UNAUTHORIZED, 'Unauthorized');
    } else {
      log.warn({ err: error }, 'a websocket could not be authenticated');
      socket.close(TRY_AGAIN_LATER, 'Try again later');
    }
    // graphql-ws closes it once more, with 4403; the first close stands.
    return false;
  }
}

function prepared(
  { schema, prepare, contextOf }: SocketsOptions,
  { extra, subscriptions }: Socket,
  payload: SubscribePayload,
): ExecutionArgs | readonly GraphQLError[] {
  if (Object.keys(subscriptions).length > SOCKET_OPERATIONS) {
    const message = `A socket carries at most ${SOCKET_OPERATIONS} operations at once. Complete some first, or open another.`;
    return [new GraphQLError(message, { originalError: new Fault('RATE_LIMITED', message) })];
  }
  const document = prepare(payload.query);
  if (!('kind' in document)) return document;
  return {
    schema,
    document,
    operationName: payload.operationName,
    variableValues: payload.variables,
    contextValue: contextOf(extra.session?.viewer ?? null, extra.request),
  };
}
