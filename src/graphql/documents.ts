import { GraphQLError, parse, specifiedRules, validate } from 'graphql';
import type { DocumentNode, GraphQLSchema, ValidationRule } from 'graphql';
import { DOCUMENT_LIMITS } from './limits.js';

/** Reads a document and checks it; or says why it is refused. */
export type Prepare = (source: string) => DocumentNode | readonly GraphQLError[];

// Screens open the same few documents; after a reconnect of thousands, checking each anew would take seconds.
const REMEMBERED_DOCUMENTS = 200;

export function makePrepare(schema: GraphQLSchema, rules: readonly ValidationRule[]): Prepare {
  const remembered = new Map<string, DocumentNode>();
  return (source) => {
    const known = remembered.get(source);
    if (known) return known;
    const document = parsed(source);
    if (document instanceof GraphQLError) return coded([document], 'GRAPHQL_PARSE_FAILED');
    const errors = validate(schema, document, [...specifiedRules, ...rules]);
    if (errors.length > 0) return coded(errors, 'GRAPHQL_VALIDATION_FAILED');
    const [oldest] = remembered.keys();
    if (remembered.size >= REMEMBERED_DOCUMENTS && oldest !== undefined) remembered.delete(oldest);
    remembered.set(source, document);
    return document;
  };
}

function parsed(source: string): DocumentNode | GraphQLError {
  try {
    return parse(source, { maxLexicalTokens: DOCUMENT_LIMITS.tokens });
  } catch (error) {
    if (error instanceof GraphQLError) return error;
    throw error;
  }
}

/** graphql-js gives its errors no code; over HTTP Apollo adds these. */
function coded(errors: readonly GraphQLError[], code: string): readonly GraphQLError[] {
  for (const error of errors) error.extensions.code ??= code;
  return errors;
}
