import type { Item, Membership } from '../../src/app/workspaces.js';
import { generationWith, NOW, stopAll } from './harness.js';
import { itemWith, membership, page, serveCases } from './workspaces.samples.js';

afterEach(stopAll);

describe('reading workspaces', () => {
  it('should answer a workspace with its members and items', async () => {
    const { ask, asked } = await serveCases({
      get: () => Promise.resolve(membership),
      members: () => Promise.resolve([{ account: 'ada', access: 'OWNER' as const, at: NOW }]),
      items: () => page([itemWith()], true),
    });
    const { data } = await ask(`{ workspace(id: "ws_1") {
      id name access owner createdAt
      members { accountId access since }
      items(first: 1) { edges { cursor node { id contentType bytes sha256 width height durationMs kind savedAt savedBy } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }
    } }`);
    const cursor = Buffer.from(itemWith().id).toString('base64url');
    expect(data).toEqual({
      workspace: {
        ...{ id: 'ws_1', name: 'Autumn', access: 'OWNER', owner: 'ada' },
        createdAt: '2026-03-01T12:00:00.000Z',
        members: [{ accountId: 'ada', access: 'OWNER', since: '2026-03-01T12:00:00.000Z' }],
        items: {
          edges: [
            {
              cursor,
              node: {
                ...{ id: itemWith().id, contentType: 'image/png', bytes: 5_000_000_000 },
                ...{ sha256: 'ab'.repeat(32), width: 8, height: 9, durationMs: null },
                ...{ kind: 'image', savedAt: '2026-03-01T12:00:01.000Z', savedBy: 'ada' },
              },
            },
          ],
          pageInfo: {
            ...{ hasNextPage: true, hasPreviousPage: false },
            ...{ startCursor: cursor, endCursor: cursor },
          },
        },
      },
    });
    expect(asked).toEqual([
      ['get', 'ada', 'ws_1'],
      ['members', 'ada', membership],
      ['items', membership, 1, null],
    ]);
  });

  it('should answer null for a workspace the account cannot see', async () => {
    const { ask } = await serveCases({ get: () => Promise.resolve(null) });
    expect((await ask('{ workspace(id: "ws_2") { id } }')).data).toEqual({ workspace: null });
  });

  it('should page through workspaces and items by their cursors', async () => {
    const second = { ...membership, workspace: { ...membership.workspace, id: 'ws_2' } };
    const { ask, asked } = await serveCases({
      list: (_account, _first, after) =>
        after === null ? page([membership, second], true) : page<Membership>([]),
      items: () => page<Item>([]),
    });
    // A size in a variable is taken for the largest, which would cost too much.
    const query = (first: string) => `query ($after: String, $item: String) {
      workspaces(${first} after: $after) {
        edges { cursor node { id items(after: $item) { pageInfo { hasPreviousPage endCursor } } } }
        pageInfo { hasNextPage hasPreviousPage endCursor } } }`;
    const item = Buffer.from('item_9').toString('base64url');
    const { data } = await ask(query(''), { variables: { item } });
    const { edges, pageInfo } = (data as never as Record<string, Connection>).workspaces!;
    expect(edges.map(({ node }) => node.id)).toEqual(['ws_1', 'ws_2']);
    expect(edges[0]!.node.items).toEqual({ pageInfo: { hasPreviousPage: true, endCursor: null } });
    expect(pageInfo).toEqual({
      ...{ hasNextPage: true, hasPreviousPage: false },
      endCursor: edges[1]!.cursor,
    });
    await ask(query('first: 7'), { variables: { after: pageInfo.endCursor } });
    expect(asked).toEqual([
      ['list', 'ada', 20, null],
      ['items', membership, 20, 'item_9'],
      ['items', second, 20, 'item_9'],
      ['list', 'ada', 7, 'ws_2'],
    ]);
  });

  interface Connection {
    edges: { cursor: string; node: { id: string; items: unknown } }[];
    pageInfo: { endCursor: string };
  }

  it('should give links to the file, as a download when asked to, and to its small picture', async () => {
    const { ask, links } = await serveCases({
      get: () => Promise.resolve(membership),
      items: () => page([itemWith(), itemWith({ thumbnailKey: null })]),
    });
    const { data } = await ask(`{ workspace(id: "ws_1") { items { edges { node {
      fileName url saved: url(download: true) thumbnailUrl } } } } }`);
    const { workspace } = data as never as {
      workspace: { items: { edges: { node: Record<string, string | null> }[] } };
    };
    const [first, second] = workspace.items.edges.map(({ node }) => node);
    const name = 'image-2026-03-01-0000000a-3.png';
    expect(first!.fileName).toBe(name);
    const opened = (link: string) => {
      const { pathname, searchParams } = new URL(link);
      const verified = links.verify(pathname, searchParams);
      return typeof verified === 'string' ? verified : { path: pathname, ...verified.params };
    };
    const shown = opened(first!.url!);
    expect(shown).toMatchObject({ path: '/outputs/d1g/ws_1/file.png' });
    expect(Object.values(shown)).toContain(name);
    expect(opened(first!.saved!)).not.toEqual(shown);
    const small = opened(first!.thumbnailUrl!);
    expect(small).toMatchObject({ path: '/outputs/d1g/ws_1/file-small.webp' });
    expect(Object.values(small)).toContain('image-2026-03-01-0000000a-3.webp');
    expect(second!.thumbnailUrl).toBeNull();
  });

  it('should show where an item came from to the account that made it only, read by one call', async () => {
    const own = ['1', '2'].map((n) =>
      generationWith({ id: `019587a0-0000-7000-8000-00000000000${n}` }),
    );
    const gone = '019587a0-0000-7000-8000-00000000000f';
    const from = (account: string, generationId: string) =>
      itemWith({ source: { account, generationId, index: 0 } });
    const calls: unknown[] = [];
    const { ask } = await serveCases(
      {
        get: () => Promise.resolve(membership),
        items: () =>
          page([
            ...own.map(({ id }) => from('ada', id)),
            from('ada', gone),
            from('bob', own[0]!.id),
          ]),
      },
      {
        generationsById: (account, ids) => {
          calls.push([account, ...ids]);
          return Promise.resolve(own);
        },
      },
    );
    const { data } = await ask(
      '{ workspace(id: "ws_1") { items { edges { node { generation { id } } } } } }',
    );
    expect(data).toEqual({
      workspace: {
        items: {
          edges: [{ id: own[0]!.id }, { id: own[1]!.id }, null, null].map((generation) => ({
            node: { generation },
          })),
        },
      },
    });
    expect(calls).toEqual([['ada', own[0]!.id, own[1]!.id, gone]]);
  });

  it('should be found as a node by its id', async () => {
    const { ask } = await serveCases({
      get: () => Promise.resolve(membership),
      item: (_account, id) => Promise.resolve(id === itemWith().id ? itemWith() : null),
    });
    const query = (id: string) =>
      `{ node(id: "${id}") { __typename id ... on Workspace { name } ... on WorkspaceItem { kind } } }`;
    expect((await ask(query('ws_1'))).data).toEqual({
      node: { __typename: 'Workspace', id: 'ws_1', name: 'Autumn' },
    });
    expect((await ask(query(itemWith().id))).data).toEqual({
      node: { __typename: 'WorkspaceItem', id: itemWith().id, kind: 'image' },
    });
    expect((await ask(query('item_2'))).data).toEqual({ node: null });
  });
});
