import { randomUUID } from 'node:crypto';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { Fault } from '../domain/fault.js';
import type { Log } from '../log.js';

/** What a caller sees of an error. */
export type ShapeError = (error: unknown) => GraphQLFormattedError;

/**
 * One shape for HTTP and WebSocket: faults with their code, refusals of the document or its variables as they are, and
 * anything unexpected logged and masked, with an id that finds it in the log. Never a stack trace.
 */
export function makeShapeError(log: Log): ShapeError {
  return (error) => {
    const place = placeOf(error);
    const root = rootOf(error);
    if (root instanceof Fault) {
      const { code, retryable } = root;
      // Retryable is ours to look into; the others are the caller's, who may send any number of them.
      if (root.cause !== undefined) {
        log[retryable ? 'warn' : 'debug']({ err: root, path: place.path }, 'ended in a fault');
      }
      return {
        ...place,
        message: root.message,
        extensions: { code, ...(retryable && { retryable }) },
      };
    }
    // With a path it happened while a field was answered: whatever graphql-js says then is about our answer.
    if (error instanceof GraphQLError && root instanceof GraphQLError && !place.path) {
      return { ...place, message: error.message, extensions: { code: codeOf(error, root) } };
    }
    const correlationId = randomUUID();
    log.error({ err: root, correlationId, path: place.path }, 'a request failed unexpectedly');
    return {
      ...place,
      message: `Something went wrong here. Try again; if it persists, give Support this id: ${correlationId}.`,
      extensions: { code: 'INTERNAL_SERVER_ERROR', correlationId },
    };
  };
}

type Place = Pick<GraphQLFormattedError, 'locations' | 'path'>;

function placeOf(error: unknown): Place {
  if (!(error instanceof GraphQLError)) return {};
  const { locations, path } = error;
  return { ...(locations ? { locations } : {}), ...(path ? { path } : {}) };
}

/** The error that was thrown: graphql-js and Apollo wrap it, once or twice. */
function rootOf(error: unknown): unknown {
  let root = error;
  while (root instanceof GraphQLError && root.originalError) root = root.originalError;
  return root;
}

function codeOf(error: GraphQLError, root: GraphQLError): string {
  // The lexer has no code of its own for its limit.
  if (root.message.includes('tokens. Parsing aborted.')) return 'DOCUMENT_REFUSED';
  // The innermost first: Apollo calls every refusal of a rule GRAPHQL_VALIDATION_FAILED.
  const code = root.extensions.code ?? error.extensions.code;
  if (typeof code === 'string') return code;
  return error.message.startsWith('Variable "$') ? 'BAD_USER_INPUT' : 'BAD_REQUEST';
}
