import 'reflect-metadata';
import { GraphQLSchema, printSchema } from 'graphql';
import { buildSchemaSync, type PubSub } from 'type-graphql';
import { ROOT_DESCRIPTIONS } from './roots.js';
// In the order their fields shall have in the schema: they register themselves as they are loaded.
import { Reading } from './resolvers/reading.js';
import { History } from './resolvers/history.js';
import { Nodes } from './resolvers/nodes.js';
import { Generating } from './resolvers/generating.js';
import { Free } from './resolvers/free.js';
import { WorkspaceFields, WorkspaceItemFields, WorkspaceResolver } from './resolvers/workspaces.js';
import { Privacy } from './resolvers/privacy.js';
import { Capacity } from './resolvers/capacity.js';
import { Watching } from './resolvers/watching.js';
import { ChargeFields, GenerationFields, OutputFields } from './resolvers/fields.js';

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
  const built = buildSchemaSync({
    resolvers: [
      Reading,
      History,
      Nodes,
      Generating,
      Free,
      WorkspaceResolver,
      Privacy,
      Capacity,
      Watching,
      ChargeFields,
      OutputFields,
      GenerationFields,
      WorkspaceFields,
      WorkspaceItemFields,
    ],
    pubSub: unused,
    // Arguments are checked by hand in the resolvers: class-validator costs a third of a mutation's speed.
    validate: false,
  });
  // What implements an interface is listed first; without the list the schema reads from Query on. All of it is reached from there.
  const schema = new GraphQLSchema({ ...built.toConfig(), types: [] });
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
