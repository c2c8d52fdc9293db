import type { WorkspaceCases } from '../../src/app/workspaces.js';
import { stopAll } from './harness.js';
import { itemWith, membership, serveCases } from './workspaces.samples.js';

afterEach(stopAll);

describe('changing workspaces', () => {
  const CHANGES: [document: string, answer: unknown, asked: unknown[]][] = [
    [
      'createWorkspace(input: { requestId: "r1", name: "Autumn" }) { id access }',
      { id: 'ws_1', access: 'OWNER' },
      ['create', 'ada', 'r1', 'Autumn'],
    ],
    [
      'renameWorkspace(id: "ws_1", name: "Winter") { id }',
      { id: 'ws_1' },
      ['rename', 'ada', 'ws_1', 'Winter'],
    ],
    ['deleteWorkspace(id: "ws_1")', 'ws_1', ['remove', 'ada', 'ws_1']],
    [
      'shareWorkspace(input: { workspace: "ws_1", accountId: "bob", access: WRITE }) { id }',
      { id: 'ws_1' },
      ['share', 'ada', 'ws_1', { account: 'bob', access: 'WRITE' }],
    ],
    [
      'unshareWorkspace(workspace: "ws_1", accountId: "bob") { id }',
      { id: 'ws_1' },
      ['unshare', 'ada', 'ws_1', 'bob'],
    ],
    [
      'unshareWorkspace(workspace: "ws_1", accountId: "ada") { id }',
      null,
      ['unshare', 'ada', 'ws_1', 'ada'],
    ],
    [
      'saveToWorkspace(input: { workspace: "ws_1", outputs: ["g.0", "g.1"] }) { id kind }',
      [{ id: itemWith().id, kind: 'image' }],
      ['save', 'ada', 'ws_1', ['g.0', 'g.1']],
    ],
    [
      'moveWorkspaceItem(item: "item_1", to: "ws_2") { id }',
      { id: itemWith().id },
      ['move', 'ada', 'item_1', 'ws_2'],
    ],
    ['removeFromWorkspace(item: "item_1")', 'item_1', ['removeItem', 'ada', 'item_1']],
  ];
  const cases: Partial<WorkspaceCases> = {
    create: () => Promise.resolve(membership),
    rename: () => Promise.resolve(membership),
    remove: () => Promise.resolve(),
    share: () => Promise.resolve(membership),
    unshare: (account, _id, member) => Promise.resolve(member === account ? null : membership),
    save: () => Promise.resolve([itemWith()]),
    move: () => Promise.resolve(itemWith()),
    removeItem: () => Promise.resolve(),
  };

  it.each(CHANGES)('should do %s', async (document, answer, call) => {
    const { ask, asked } = await serveCases(cases);
    const { data, errors } = await ask(`mutation { it: ${document} }`);
    expect(errors).toBeUndefined();
    expect(data).toEqual({ it: answer });
    expect(asked).toEqual([call]);
  });

  it('should want a token for everything', async () => {
    const { ask, asked } = await serveCases(cases);
    const queries = ['workspaces { edges { cursor } }', 'workspace(id: "ws_1") { id }'];
    const documents = [
      ...queries.map((query) => `{ ${query} }`),
      ...CHANGES.map(([document]) => `mutation { ${document} }`),
    ];
    for (const document of documents) {
      const { errors } = await ask(document, { token: null });
      expect([document, errors?.[0]?.extensions.code]).toEqual([document, 'UNAUTHENTICATED']);
    }
    expect(asked).toEqual([]);
  });

  const ids = (count: number) => JSON.stringify(Array.from({ length: count }, (_, n) => `g.${n}`));
  const long = 'x'.repeat(256);
  it.each([
    ['input.requestId', `mutation { createWorkspace(input: { requestId: "", name: "a" }) { id } }`],
    ['input.name', `mutation { createWorkspace(input: { requestId: "r", name: "" }) { id } }`],
    ['name', `mutation { renameWorkspace(id: "ws_1", name: "${'x'.repeat(401)}") { id } }`],
    ['id', `mutation { renameWorkspace(id: "${long}", name: "a") { id } }`],
    ['id', `mutation { deleteWorkspace(id: "") }`],
    ['id', `{ workspace(id: "${long}") { id } }`],
    ['first', `{ workspaces(first: 0) { edges { cursor } } }`],
    ['first', `{ workspaces(first: 101) { edges { cursor } } }`],
    ['after', `{ workspaces(after: "!") { edges { cursor } } }`],
    [
      'input.workspace',
      `mutation { shareWorkspace(input: { workspace: "", accountId: "bob", access: READ }) { id } }`,
    ],
    [
      'input.accountId',
      `mutation { shareWorkspace(input: { workspace: "ws_1", accountId: "a\\n", access: READ }) { id } }`,
    ],
    ['accountId', `mutation { unshareWorkspace(workspace: "ws_1", accountId: "") { id } }`],
    ['workspace', `mutation { unshareWorkspace(workspace: "", accountId: "bob") { id } }`],
    [
      'input.outputs',
      `mutation { saveToWorkspace(input: { workspace: "ws_1", outputs: [] }) { id } }`,
    ],
    [
      'input.outputs',
      `mutation { saveToWorkspace(input: { workspace: "ws_1", outputs: ${ids(51)} }) { id } }`,
    ],
    [
      'input.outputs[1]',
      `mutation { saveToWorkspace(input: { workspace: "ws_1", outputs: ["g.0", "${long}"] }) { id } }`,
    ],
    ['item', `mutation { moveWorkspaceItem(item: "", to: "ws_2") { id } }`],
    ['to', `mutation { moveWorkspaceItem(item: "item_1", to: "") { id } }`],
    ['item', `mutation { removeFromWorkspace(item: "") }`],
  ])('should refuse a bad %s by its name', async (argument, document) => {
    const { ask, asked } = await serveCases(cases);
    const { errors } = await ask(document);
    expect(errors?.[0]).toMatchObject({
      message: expect.stringContaining(`\`${argument}\``) as string,
      extensions: { code: 'BAD_USER_INPUT' },
    });
    expect(asked).toEqual([]);
  });

  it('should take as many outputs at once as it says', async () => {
    const { ask } = await serveCases(cases);
    const { errors } = await ask(
      `mutation { saveToWorkspace(input: { workspace: "ws_1", outputs: ${ids(50)} }) { id } }`,
    );
    expect(errors).toBeUndefined();
  });

  it('should not let anybody be made an owner', async () => {
    const { ask, asked } = await serveCases(cases);
    const { errors } = await ask(
      'mutation { shareWorkspace(input: { workspace: "ws_1", accountId: "bob", access: OWNER }) { id } }',
    );
    expect(errors?.[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
    expect(asked).toEqual([]);
  });
});
