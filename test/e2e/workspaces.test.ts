import { createHash, randomUUID } from 'node:crypto';
import { eventually } from '../world/eventually.js';
import { MODES } from '../world/world.js';
import { ended, startGateway, type Caller, type Data, type Gateway } from './gateway.js';

const ITEM = `id url fileName contentType bytes sha256 width height kind savedBy thumbnailUrl generation { id }`;
const CREATE = `mutation ($input: CreateWorkspaceInput!) { createWorkspace(input: $input) { id access } }`;
const SHARE = `mutation ($input: ShareWorkspaceInput!) { shareWorkspace(input: $input) { members { accountId access } } }`;
const SAVE = `mutation ($input: SaveToWorkspaceInput!) { saveToWorkspace(input: $input) { ${ITEM} } }`;
const LOOK = `query ($id: ID!) { workspace(id: $id) { name access owner items { edges { node { ${ITEM} } } } } }`;

describe.each(MODES)('workspaces as their users meet them, %s', (mode) => {
  let gateway: Gateway;
  let ada: Caller;
  let bob: Caller;
  let eve: Caller;
  beforeAll(async () => {
    gateway = await startGateway(mode);
    [ada, bob, eve] = await Promise.all([gateway.as('ada'), gateway.as('bob'), gateway.as('eve')]);
  });
  afterAll(() => gateway.stop());

  async function create(caller: Caller): Promise<string> {
    const input = { requestId: randomUUID(), name: 'Autumn campaign' };
    return (await caller.ask(CREATE, { input })).createWorkspace.id;
  }
  const save = async (caller: Caller, workspace: string, ...outputs: string[]): Promise<Data> =>
    (await caller.ask(SAVE, { input: { workspace, outputs } })).saveToWorkspace;
  const share = (workspace: string, accountId: string, access: string): Promise<Data> =>
    ada.ask(SHARE, { input: { workspace, accountId, access } });
  const sha256Of = async (url: string): Promise<string> => {
    const response = await fetch(url);
    expect(response.status).toBe(200);
    return createHash('sha256')
      .update(new Uint8Array(await response.arrayBuffer()))
      .digest('hex');
  };

  it('should keep what is saved, for everybody it is shared with, when the generation is deleted', async () => {
    const id = await create(ada);
    const made = await ended(ada, { outputCount: 2 });
    const outputs: string[] = made.outputs.map((output: Data) => output.id);
    const saved = await save(ada, id, ...outputs);
    expect(saved.map((item: Data) => item.generation.id)).toEqual([made.id, made.id]);
    expect(saved[0]).toMatchObject({
      ...{ kind: 'image', savedBy: 'ada', contentType: 'image/png', width: 512, height: 512 },
      fileName: expect.stringMatching(/^image-.*-1\.png$/) as string,
      bytes: made.outputs[0].bytes,
    });
    expect(await save(ada, id, ...outputs)).toMatchObject(
      saved.map(({ id: one }: Data) => ({ id: one })),
    );

    expect((await bob.ask(LOOK, { id })).workspace).toBeNull();
    const { shareWorkspace } = await share(id, 'bob', 'READ');
    expect(shareWorkspace.members).toEqual([
      { accountId: 'ada', access: 'OWNER' },
      { accountId: 'bob', access: 'READ' },
    ]);
    await ada.ask('mutation ($id: ID!) { deleteGeneration(id: $id) }', { id: made.id });
    await eventually(async () => {
      expect((await fetch(made.outputs[0].url as string)).status).toBe(404);
    });

    const { workspace } = await bob.ask(LOOK, { id });
    expect(workspace).toMatchObject({ name: 'Autumn campaign', access: 'READ', owner: 'ada' });
    const nodes = workspace.items.edges.map(({ node }: Data) => node);
    expect(nodes).toHaveLength(2);
    for (const node of nodes) {
      expect(await sha256Of(node.url)).toBe(node.sha256);
      expect((await fetch(node.thumbnailUrl as string)).headers.get('content-type')).toBe(
        'image/webp',
      );
      expect(node.generation).toBeNull();
    }
    expect((await ada.ask(LOOK, { id })).workspace.items.edges[0].node.generation).toBeNull();
  });

  it('should let readers use what is saved, and only writers add to it', async () => {
    const id = await create(ada);
    await share(id, 'bob', 'WRITE');
    await share(id, 'eve', 'READ');
    const [mine] = (await ended(bob)).outputs;
    const [item] = await save(bob, id, mine.id);
    expect(item.savedBy).toBe('bob');
    // Nobody sees another's generation; the item is everybody's who can read.
    expect((await ada.ask(LOOK, { id })).workspace.items.edges[0].node).toMatchObject({
      ...{ id: item.id, generation: null },
    });
    const edited = await ended(eve, { action: 'image.edit', inputs: [item.id] });
    expect(edited.status).toBe('SUCCEEDED');
    await expect(save(eve, id, edited.outputs[0].id)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(save(bob, id, edited.outputs[0].id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const remove = 'mutation ($item: ID!) { removeFromWorkspace(item: $item) }';
    await expect(eve.ask(remove, { item: item.id })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(await ada.ask(remove, { item: item.id })).toEqual({ removeFromWorkspace: item.id });
    await expect(bob.ask(remove, { item: item.id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('should find in the history what is saved in a workspace', async () => {
    const [id, other] = [await create(ada), await create(ada)];
    const [kept] = [await ended(ada), await ended(ada)];
    const [item] = await save(ada, id, kept.outputs[0].id);
    const query = `query ($id: ID!) { generations(filter: { workspace: $id }) { edges { node { id } } } }`;
    const found = async (workspace: string) =>
      (await ada.ask(query, { id: workspace })).generations.edges.map(({ node }: Data) => node.id);
    expect([await found(id), await found(other)]).toEqual([[kept.id], []]);
    const move = `mutation ($item: ID!, $to: ID!) { moveWorkspaceItem(item: $item, to: $to) { id url } }`;
    const { moveWorkspaceItem: moved } = await ada.ask(move, { item: item.id, to: other });
    expect(moved.id).toBe(item.id);
    expect(await sha256Of(moved.url)).toBe(item.sha256);
    expect([await found(id), await found(other)]).toEqual([[], [kept.id]]);
  });

  it('should remove the files of a workspace that is deleted, and its links with them', async () => {
    const id = await create(ada);
    await share(id, 'bob', 'WRITE');
    const made = await ended(ada);
    const [item] = await save(ada, id, made.outputs[0].id);
    const remove = 'mutation ($id: ID!) { deleteWorkspace(id: $id) }';
    await expect(bob.ask(remove, { id })).rejects.toMatchObject({
      code: 'FORBIDDEN',
      message: expect.stringContaining('ada') as string,
    });
    await ada.ask(remove, { id });
    await eventually(async () => {
      for (const url of [item.url, item.thumbnailUrl]) {
        expect((await fetch(url as string)).status).toBe(404);
      }
    });
    expect(await sha256Of(made.outputs[0].url)).toBe(item.sha256);
    await expect(ada.ask(remove, { id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
