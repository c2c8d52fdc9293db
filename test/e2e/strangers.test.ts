import { randomUUID } from 'node:crypto';
import {
  getNamedType,
  GraphQLID,
  isInputObjectType,
  type GraphQLInputType,
  type GraphQLNamedType,
} from 'graphql';
import { makeSchema } from '../../src/graphql/schema.js';
import { MODES } from '../world/world.js';
import { ended, startGateway, type Caller, type Data, type Gateway } from './gateway.js';

/** What Ada has, that is nobody else's business. */
interface Belongings {
  generation: string;
  output: string;
  workspace: string;
  /** The stranger's own: to be used beside what is not theirs. */
  own: { output: string; workspace: string; item: string };
  item: string;
}

/** One field with an id of another account in it, and what a stranger gets. */
interface Attempt {
  /** `field.argument`, as `idArguments` names them. */
  place: string;
  document: (mine: Belongings) => string;
  /** The code of the error; null: the field answers null. */
  answer: 'NOT_FOUND' | 'BAD_USER_INPUT' | null;
}

const request = () => `requestId: "${randomUUID()}"`;

const ATTEMPTS: readonly Attempt[] = [
  {
    place: 'generation.id',
    document: ({ generation }) => `{ generation(id: "${generation}") { id } }`,
    answer: null,
  },
  {
    place: 'node.id',
    document: ({ generation }) => `{ node(id: "${generation}") { id } }`,
    answer: null,
  },
  {
    place: 'node.id',
    document: ({ workspace }) => `{ node(id: "${workspace}") { id } }`,
    answer: null,
  },
  { place: 'node.id', document: ({ item }) => `{ node(id: "${item}") { id } }`, answer: null },
  {
    place: 'explainCharge.generationId',
    document: ({ generation }) => `{ explainCharge(generationId: "${generation}") { summary } }`,
    answer: 'NOT_FOUND',
  },
  {
    place: 'generations.filter.workspace',
    document: ({ workspace }) =>
      `{ generations(filter: { workspace: "${workspace}" }) { edges { cursor } } }`,
    answer: 'NOT_FOUND',
  },
  {
    place: 'workspace.id',
    document: ({ workspace }) => `{ workspace(id: "${workspace}") { id } }`,
    answer: null,
  },
  ...['output', 'item'].map((input) => ({
    place: 'generate.input.inputs',
    document: (mine: Belongings) =>
      `mutation { generate(input: { ${request()}, action: "image.edit", inputs: ["${mine[input as 'output']}"] }) { __typename } }`,
    answer: 'BAD_USER_INPUT' as const,
  })),
  {
    place: 'refineGeneration.input.generation',
    document: ({ generation }) =>
      `mutation { refineGeneration(input: { ${request()}, generation: "${generation}" }) { __typename } }`,
    answer: 'NOT_FOUND',
  },
  {
    place: 'refineGeneration.input.inputs',
    document: ({ own, output }) =>
      `mutation { refineGeneration(input: { ${request()}, generation: "${own.output.split('.')[0]!}", inputs: ["${output}"] }) { __typename } }`,
    answer: 'BAD_USER_INPUT',
  },
  {
    place: 'cancelGeneration.id',
    document: ({ generation }) => `mutation { cancelGeneration(id: "${generation}") { id } }`,
    answer: 'NOT_FOUND',
  },
  {
    place: 'deleteGeneration.id',
    document: ({ generation }) => `mutation { deleteGeneration(id: "${generation}") }`,
    answer: 'NOT_FOUND',
  },
  ...['output', 'item'].map((input) => ({
    place: 'cropImage.input.input',
    document: (mine: Belongings) =>
      `mutation { cropImage(input: { ${request()}, input: "${mine[input as 'output']}", x: 0, y: 0, width: 8, height: 8 }) { __typename } }`,
    answer: 'BAD_USER_INPUT' as const,
  })),
  {
    place: 'renameWorkspace.id',
    document: ({ workspace }) =>
      `mutation { renameWorkspace(id: "${workspace}", name: "Mine") { id } }`,
    answer: 'NOT_FOUND',
  },
  {
    place: 'deleteWorkspace.id',
    document: ({ workspace }) => `mutation { deleteWorkspace(id: "${workspace}") }`,
    answer: 'NOT_FOUND',
  },
  {
    place: 'shareWorkspace.input.workspace',
    document: ({ workspace }) =>
      `mutation { shareWorkspace(input: { workspace: "${workspace}", accountId: "eve", access: WRITE }) { id } }`,
    answer: 'NOT_FOUND',
  },
  {
    place: 'unshareWorkspace.workspace',
    document: ({ workspace }) =>
      `mutation { unshareWorkspace(workspace: "${workspace}", accountId: "ada") { id } }`,
    answer: 'NOT_FOUND',
  },
  {
    place: 'saveToWorkspace.input.workspace',
    document: ({ workspace, own }) =>
      `mutation { saveToWorkspace(input: { workspace: "${workspace}", outputs: ["${own.output}"] }) { id } }`,
    answer: 'NOT_FOUND',
  },
  {
    place: 'saveToWorkspace.input.outputs',
    document: ({ output, own }) =>
      `mutation { saveToWorkspace(input: { workspace: "${own.workspace}", outputs: ["${output}"] }) { id } }`,
    answer: 'NOT_FOUND',
  },
  {
    place: 'moveWorkspaceItem.item',
    document: ({ item, own }) =>
      `mutation { moveWorkspaceItem(item: "${item}", to: "${own.workspace}") { id } }`,
    answer: 'NOT_FOUND',
  },
  {
    place: 'moveWorkspaceItem.to',
    document: ({ workspace, own }) =>
      `mutation { moveWorkspaceItem(item: "${own.item}", to: "${workspace}") { id } }`,
    answer: 'NOT_FOUND',
  },
  {
    place: 'removeFromWorkspace.item',
    document: ({ item }) => `mutation { removeFromWorkspace(item: "${item}") }`,
    answer: 'NOT_FOUND',
  },
];

/** Tested elsewhere: operators' fields, a live one, and ids that are no account's. */
const NOT_AN_ACCOUNTS: readonly RegExp[] = [
  /\.requestId$/,
  /\.plan$/,
  /\.action$/,
  /\.accountId$/,
  /^restoreGeneration\.id$/,
  /^generationChanged\.id$/,
];

function idsIn(type: GraphQLInputType, path: string): string[] {
  const named: GraphQLNamedType = getNamedType(type);
  if (named === GraphQLID) return [path];
  if (!isInputObjectType(named)) return [];
  return Object.values(named.getFields()).flatMap((field) =>
    idsIn(field.type, `${path}.${field.name}`),
  );
}

/** Every place of the schema that takes an id. */
function idArguments(): string[] {
  const schema = makeSchema();
  return [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].flatMap(
    (root) =>
      Object.values(root?.getFields() ?? {}).flatMap((field) =>
        field.args.flatMap((arg) => idsIn(arg.type, `${field.name}.${arg.name}`)),
      ),
  );
}

it('should try every field that takes an id', () => {
  const places = idArguments().filter((place) => !NOT_AN_ACCOUNTS.some((rule) => rule.test(place)));
  expect(new Set(ATTEMPTS.map(({ place }) => place))).toEqual(new Set(places));
});

describe.each(MODES)('what is another account’s, %s', (mode) => {
  let gateway: Gateway;
  let ada: Caller;
  let eve: Caller;
  let mine: Belongings;

  async function keeping(caller: Caller) {
    const { id } = await ended(caller);
    const { createWorkspace: workspace } = await caller.ask(
      `mutation { createWorkspace(input: { ${request()}, name: "Best" }) { id } }`,
    );
    const { saveToWorkspace: items } = await caller.ask(
      `mutation { saveToWorkspace(input: { workspace: "${workspace.id}", outputs: ["${id}.0"] }) { id } }`,
    );
    return { generation: id, output: `${id}.0`, workspace: workspace.id, item: items[0].id };
  }

  beforeAll(async () => {
    gateway = await startGateway(mode);
    [ada, eve] = await Promise.all([gateway.as('ada'), gateway.as('eve')]);
    mine = { ...(await keeping(ada)), own: await keeping(eve) };
  });
  afterAll(() => gateway.stop());

  /** How the answer reads once the ids in it are gone. */
  async function answered(caller: Caller, document: string): Promise<Data> {
    try {
      const data = await caller.ask(document);
      return Object.values(data as object)[0];
    } catch (error) {
      const { code, message } = error as { code: string; message: string };
      const ids = /[\w-]*[0-9a-f]{8}-[0-9a-f-]{27}(\.\d+)?/g;
      return { code, message: message.replaceAll(ids, '…') };
    }
  }

  it.each(ATTEMPTS.map((attempt) => [attempt.place, attempt] as const))(
    'should answer %s as if it did not exist',
    async (_place, { document, answer }) => {
      const eves = await answered(eve, document(mine));
      if (answer === null) expect(eves).toBeNull();
      else expect(eves).toMatchObject({ code: answer });
      // Word for word what nothing at all answers.
      const nobodys: Belongings = {
        ...mine,
        generation: randomUUID(),
        output: `${randomUUID()}.0`,
        workspace: `ws_${randomUUID()}`,
        item: `item_${randomUUID()}`,
      };
      expect(eves).toEqual(await answered(eve, document(nobodys)));
    },
  );

  it('should have changed nothing', async () => {
    const { generation, workspace } = await ada.ask(
      `{ generation(id: "${mine.generation}") { status children { edges { cursor } } outputs { url } }
         workspace(id: "${mine.workspace}") { name members { accountId } items { edges { node { id url } } } } }`,
    );
    expect(generation).toMatchObject({ status: 'SUCCEEDED', children: { edges: [] } });
    expect(workspace).toMatchObject({ name: 'Best' });
    expect(workspace.items.edges).toMatchObject([{ node: { id: mine.item } }]);
    expect((await fetch(generation.outputs[0].url as string)).status).toBe(200);
    expect((await fetch(workspace.items.edges[0].node.url as string)).status).toBe(200);
    const { generations, quota } = await eve.ask(
      '{ generations { edges { node { id } } } quota { used } }',
    );
    expect(generations.edges).toHaveLength(1);
    expect(quota.used).toBe(1);
  });

  it('should list nothing of it', async () => {
    const everything = JSON.stringify(
      await eve.ask(
        '{ generations(first: 100) { edges { node { id prompt outputs { id url } } } } workspaces { edges { node { id items { edges { node { id } } } } } } usage { used } }',
      ),
    );
    for (const id of [mine.generation, mine.workspace, mine.item]) {
      expect(everything).not.toContain(id);
    }
  });

  it('should not follow it live', async () => {
    const subscription = eve.live().iterate({
      query: 'subscription ($id: ID) { generationChanged(id: $id) { id } }',
      variables: { id: mine.generation },
    });
    await expect(subscription.next()).resolves.toMatchObject({
      value: { errors: [{ extensions: { code: 'NOT_FOUND' } }] },
    });
  });

  it('should keep operators’ fields to operators', async () => {
    for (const document of [
      `mutation { restoreGeneration(id: "${mine.generation}", reason: "mine") { id } }`,
      'mutation { deleteAccount(accountId: "ada", reason: "mine") { done } }',
      'mutation { grantGenerations(input: { accountId: "eve", amount: 1, reason: "mine" }) { used } }',
      'mutation { putSubscription(input: { accountId: "eve", plan: "ultimate", startedAt: "2026-03-18T09:30:00Z" }) { used } }',
    ]) {
      expect(await answered(eve, document)).toMatchObject({ code: 'FORBIDDEN' });
    }
  });
});
