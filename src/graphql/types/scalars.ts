import { GraphQLScalarType } from 'graphql';
import { GraphQLDateTime, GraphQLJSON } from 'graphql-scalars';

export const DateTime = new GraphQLScalarType({
  ...GraphQLDateTime.toConfig(),
  description:
    'An instant, as RFC 3339 text. Answers are always in UTC with milliseconds (2026-03-18T09:30:00.000Z); ' +
    'arguments may carry any offset (2026-03-18T10:30:00+01:00).',
});

export const JsonValue = new GraphQLScalarType({
  ...GraphQLJSON.toConfig(),
  description:
    'Any JSON value, sent and answered as it is. Where it is used, its shape and bounds are described.',
});
