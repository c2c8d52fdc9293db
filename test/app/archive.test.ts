import { randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { makeWorld, MODES, press, type World } from '../world/world.js';
import { filesOf, idOf, newAccount, outputsOf, workspaceOf } from './workspaces.samples.js';

type Row = Record<string, unknown>;

/** An archive: what its JSON says, its files by name (null: gone), and all of it as text. */
interface Archive {
  rows: (name: string) => Row[];
  names: string[];
  files: Map<string, Buffer | null>;
  text: string;
}

describe.each(MODES)('archives, %s', (mode) => {
  let world: World;
  beforeEach(async () => {
    world = await makeWorld(mode);
  });
  afterEach(() => world.dispose());

  async function archiveOf(account: string): Promise<Archive> {
    const [files, texts] = [new Map<string, Buffer | null>(), new Map<string, string>()];
    for await (const { name, content } of world.app.archive(account)) {
      expect(files.has(name) || texts.has(name)).toBe(false);
      if (Buffer.isBuffer(content)) texts.set(name, content.toString());
      else {
        const stream = await content();
        files.set(name, stream && (await buffer(stream)));
      }
    }
    return {
      rows: (name) => JSON.parse(texts.get(name) ?? 'null') as Row[],
      names: [...texts.keys()],
      files,
      text: [...texts.values()].join('\n'),
    };
  }

  /** Generations that are open: nothing has to be made for them. */
  async function pressed(count: number): Promise<string[]> {
    const ids: string[] = [];
    for (let made = 0; made < count; made += 1) {
      const upload = { requestId: randomUUID(), contentType: 'image/png', bytes: 9, sha256: null };
      const answer = await world.app.free.upload(world.account, upload);
      if (answer.kind !== 'accepted') throw new Error(answer.kind);
      ids.unshift(answer.generation.id);
    }
    return ids;
  }

  it('should hold a history of several pages, each generation once', async () => {
    const ids = await pressed(201);
    const { rows, names } = await archiveOf(world.account);
    const pages = names.filter((name) => name.startsWith('generations/'));
    expect(pages).toEqual(['00001', '00002', '00003'].map((page) => `generations/${page}.json`));
    expect(pages.map((name) => rows(name).length)).toEqual([100, 100, 1]);
    expect(pages.flatMap((name) => rows(name).map(({ id }) => id))).toEqual(ids);
  });

  it('should say of each generation what it cost, and nothing of its neighbour', async () => {
    const [first, second] = [
      await outputsOf(world, world.account),
      await outputsOf(world, world.account),
    ];
    await world.app.restoreGeneration('support', first[0]!.replace('.0', ''), 'sorry');
    const { rows, files } = await archiveOf(world.account);
    const kinds = rows('generations/00001.json').map(({ id, entries }) => [
      `${String(id)}.0`,
      (entries as Row[]).map(({ kind }) => kind),
    ]);
    expect(kinds).toEqual([
      [second[0], ['HOLD', 'POST']],
      [first[0], ['HOLD', 'POST', 'RESTORE']],
    ]);
    expect(files.size).toBe(2);
  });

  it('should hold every workspace and every item, also those of later pages', async () => {
    await world.app.changePlan(world.account, 'ultimate');
    const mine = idOf(await workspaceOf(world, world.account));
    const saved: string[] = [];
    for (let round = 0; round < 13; round += 1) {
      const outputs = await outputsOf(world, world.account, 8);
      const items = await world.app.workspaces.save(world.account, mine, outputs);
      saved.push(...items.map(({ id }) => id));
    }
    for (let count = 1; count < 100; count += 1) await workspaceOf(world, world.account);
    // One more than the account may own itself, so the oldest is on a second page.
    const friend = newAccount();
    const theirs = idOf(await workspaceOf(world, friend));
    await world.app.workspaces.share(friend, theirs, { account: world.account, access: 'READ' });

    const { rows, names, files } = await archiveOf(world.account);
    const workspaces = names.filter((name) => name.endsWith('/workspace.json'));
    expect(workspaces).toHaveLength(101);
    const items = ['00001', '00002'].map((page) => rows(`workspaces/${mine}/items-${page}.json`));
    expect(items.map(({ length }) => length)).toEqual([100, 4]);
    expect(items.flatMap((page) => page.map(({ id }) => String(id))).sort()).toEqual(saved.sort());
    const copies = [...files].filter(([name]) => name.startsWith(`workspaces/${mine}/`));
    expect(copies).toHaveLength(104);
    expect(copies.filter(([, bytes]) => bytes === null)).toEqual([]);
    // 104 real files and 101 workspaces: 10 s on a machine that is busy.
  }, 90_000);

  it('should hold of somebody else’s workspace only what the account saved there', async () => {
    const friend = newAccount();
    const theirs = idOf(await workspaceOf(world, friend));
    const stranger = newAccount();
    for (const account of [world.account, stranger]) {
      await world.app.workspaces.share(friend, theirs, { account, access: 'WRITE' });
    }
    const savedBy = async (account: string): Promise<string> => {
      const [item] = await world.app.workspaces.save(
        account,
        theirs,
        await outputsOf(world, account),
      );
      return item!.id;
    };
    const [ofMine, ofFriend, ofStranger] = [
      await savedBy(world.account),
      await savedBy(friend),
      await savedBy(stranger),
    ];

    const { rows, files, text } = await archiveOf(world.account);
    expect(rows(`workspaces/${theirs}/workspace.json`)).toMatchObject({
      ...{ id: theirs, access: 'WRITE', owner: friend },
    });
    expect(rows(`workspaces/${theirs}/items-00001.json`)).toMatchObject([
      { id: ofMine, savedBy: world.account },
    ]);
    const names = [...files.keys()].filter((name) => name.startsWith('workspaces/'));
    expect(names).toEqual([`workspaces/${theirs}/${ofMine}.png`]);
    // Neither what others saved nor who else is there.
    for (const other of [ofFriend, ofStranger, stranger]) expect(text).not.toContain(other);

    const owners = await archiveOf(friend);
    expect(owners.rows(`workspaces/${theirs}/items-00001.json`)).toHaveLength(3);
    expect(owners.text).toContain(stranger);
  });

  it('should tell of a file that is gone, and go on with the others', async () => {
    const outputs = await outputsOf(world, world.account, 2);
    const mine = idOf(await workspaceOf(world, world.account));
    const [item] = await world.app.workspaces.save(world.account, mine, [outputs[1]!]);
    const { generations } = await world.app.generations(world.account, 1, null, {});
    for (const key of [generations[0]!.outputs[0]!.key, ...filesOf(item!)]) {
      await world.core.assets.remove(key);
    }
    const { files, rows } = await archiveOf(world.account);
    const { bytes } = generations[0]!.outputs[1]!;
    expect([...files.values()].map((file) => file?.byteLength ?? null)).toEqual([
      null,
      bytes,
      null,
    ]);
    expect(rows('generations/00001.json')[0]).toMatchObject({ id: generations[0]!.id });
  });

  it('should have nothing of what was deleted, and be there for an account nobody knows', async () => {
    const [output] = await outputsOf(world, world.account);
    await world.app.deleteGeneration(world.account, output!.replace('.0', ''));
    const answer = await world.app.generate(world.account, press());
    if (answer.kind !== 'accepted') throw new Error(answer.kind);
    const { rows } = await archiveOf(world.account);
    expect(rows('generations/00001.json').map(({ id }) => id)).toEqual([answer.generation.id]);

    const empty = await archiveOf(newAccount());
    expect(empty.names).toEqual(['README.txt', 'account.json']);
    expect(empty.rows('account.json')).toMatchObject({ subscription: null, periods: [] });
  });
});
