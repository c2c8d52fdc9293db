import 'reflect-metadata';
import { printSchema, type GraphQLSchema } from 'graphql';
import { buildSchemaSync, type PubSub } from 'type-graphql';
import { ROOT_DESCRIPTIONS } from './roots.js';
// In the order their fields shall have in the schema: they register themselves as they are loaded.
import { Reading } from './resolvers/reading.js';
import { Generating } from './resolvers/generating.js';
import { Capacity } from './resolvers/capacity.js';
import { Watching } from './resolvers/watching.js';
import { ChargeFields, OutputFields } from './resolvers/fields.js';

// Subscriptions bring their own source; type-graphql asks for one all the same.
const unused: PubSub = {
  publish: () => {
    throw new Error('events come from the app');
  },
  subscribe: () => {
    throw new Error('events come from the app');
  },
};

/** The schema partners integrate against. It holds no state: one serves any number of servers. */
export function makeSchema(): GraphQLSchema {
  const schema = buildSchemaSync({
    resolvers: [Reading, Generating, Capacity, Watching, ChargeFields, OutputFields],
    pubSub: unused,
    // Arguments are checked by hand in the resolvers: class-validator costs a third of a mutation's speed.
    validate: false,
  });
  for (const [name, description] of Object.entries(ROOT_DESCRIPTIONS)) {
    // type-graphql makes the root types itself and leaves no place for their descriptions.
    const type = schema.getType(name);
    if (type) type.description = description;
  }
  return schema;
}

/** The schema as text, the same at every call; ends with a newline. */
export function schemaSdl(): string {
  return `${printSchema(makeSchema())}\n`;
}
