import { randomUUID } from 'node:crypto';
import { makeWorld, MODES, press, type World } from '../world/world.js';
import {
  endOf,
  filesOf,
  idOf,
  newAccount,
  nothing,
  outputsOf,
  workspaceOf,
} from './workspaces.samples.js';

describe.each(MODES)('workspaces, %s', (mode) => {
  let world: World;
  beforeAll(async () => {
    world = await makeWorld(mode);
  });
  afterAll(() => world.dispose());
  const cases = () => world.app.workspaces;

  describe('making and naming', () => {
    it('should make a workspace once however often it is asked, and show it as it is now', async () => {
      const [account, requestId] = [newAccount(), randomUUID()];
      const first = await cases().create(account, requestId, '  Autumn campaign ');
      expect(first).toMatchObject({
        access: 'OWNER',
        workspace: { owner: account, name: 'Autumn campaign' },
      });
      await cases().rename(account, idOf(first), 'Winter');
      const replay = await cases().create(account, requestId, 'Autumn campaign');
      expect(replay.workspace).toEqual({ ...first.workspace, name: 'Winter' });
      const page = await cases().list(account, 10, null);
      expect(page).toEqual({ nodes: [replay], hasNextPage: false });
    });

    it.each(['', '   ', 'a\nb', 'x'.repeat(101), '\u202Eelif', '\u200D', 'a\u0000'])(
      'should refuse the name %j',
      async (name) => {
        const account = newAccount();
        const refusal = { code: 'BAD_USER_INPUT' };
        await expect(cases().create(account, randomUUID(), name)).rejects.toMatchObject(refusal);
        const id = idOf(await workspaceOf(world, account));
        await expect(cases().rename(account, id, name)).rejects.toMatchObject(refusal);
        expect((await cases().list(account, 10, null)).nodes).toHaveLength(1);
      },
    );

    it('should let an account own 100 workspaces, and say what to do about more', async () => {
      const account = newAccount();
      const all = await Promise.all(Array.from({ length: 100 }, () => workspaceOf(world, account)));
      await expect(workspaceOf(world, account)).rejects.toMatchObject({
        code: 'BAD_USER_INPUT',
        message: 'You own 100 workspaces, and more cannot be made. Delete one first.',
      });
      await cases().remove(account, idOf(all[0]!));
      await workspaceOf(world, account);
      const page = await cases().list(account, 60, null);
      const rest = await cases().list(account, 60, idOf(page.nodes.at(-1)!));
      expect([page.nodes.length, page.hasNextPage]).toEqual([60, true]);
      expect([rest.nodes.length, rest.hasNextPage]).toEqual([40, false]);
    });
  });

  describe('sharing', () => {
    it('should show the owner all members, and a member itself and the owner', async () => {
      const [owner, reader, writer] = [newAccount(), newAccount(), newAccount()];
      const made = await workspaceOf(world, owner);
      const id = idOf(made);
      await cases().share(owner, id, { account: reader, access: 'WRITE' });
      await cases().share(owner, id, { account: writer, access: 'WRITE' });
      await cases().share(owner, id, { account: reader, access: 'READ' });
      const seen = async (account: string) => {
        const membership = (await cases().get(account, id))!;
        const members = await cases().members(account, membership);
        return members.map(({ account: name, access }) => [name, access]);
      };
      const [own, ...others] = await seen(owner);
      expect(own).toEqual([owner, 'OWNER']);
      expect(new Map(others as [string, string][])).toEqual(
        new Map([
          [reader, 'READ'],
          [writer, 'WRITE'],
        ]),
      );
      expect(others).toHaveLength(2);
      expect(await seen(reader)).toEqual([own, [reader, 'READ']]);
      expect(await seen(writer)).toEqual([own, [writer, 'WRITE']]);
    });

    it('should share with 50 accounts, not with oneself, and say what to do about more', async () => {
      const owner = newAccount();
      const id = idOf(await workspaceOf(world, owner));
      const share = (account: string) => cases().share(owner, id, { account, access: 'READ' });
      await expect(share(owner)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
      const members = Array.from({ length: 50 }, newAccount);
      await Promise.all(members.map(share));
      await expect(share(newAccount())).rejects.toMatchObject({
        code: 'BAD_USER_INPUT',
        message: expect.stringContaining('50 accounts') as string,
      });
      await cases().unshare(owner, id, members[0]!);
      await share(newAccount());
    });

    it('should let a member leave, and the owner only delete it', async () => {
      const [owner, friend] = [newAccount(), newAccount()];
      const id = idOf(await workspaceOf(world, owner));
      await cases().share(owner, id, { account: friend, access: 'READ' });
      expect(await cases().unshare(friend, id, friend)).toBeNull();
      expect(await cases().get(friend, id)).toBeNull();
      // Said again, as after a lost reply.
      expect(await cases().unshare(friend, id, friend)).toBeNull();
      await expect(cases().unshare(owner, id, owner)).rejects.toMatchObject({
        code: 'BAD_USER_INPUT',
      });
      // Taking out who is not in it is no error: it may be asked twice.
      expect(await cases().unshare(owner, id, friend)).toMatchObject({ access: 'OWNER' });
    });
  });

  describe('who may do what', () => {
    const ROLES = ['owner', 'writer', 'reader', 'stranger'] as const;
    type Role = (typeof ROLES)[number];
    interface Scene {
      actor: string;
      id: string;
      /** An item of the workspace. */
      item: string;
      member: string;
      /** Of the actor: an output, a workspace, and an item in it. */
      output: string;
      own: string;
      ownItem: string;
    }

    async function scene(role: Role): Promise<Scene> {
      const [owner, writer, reader, stranger, member] = Array.from({ length: 5 }, newAccount);
      const actors = { owner: owner!, writer: writer!, reader: reader!, stranger: stranger! };
      const id = idOf(await workspaceOf(world, owner!));
      for (const [account, access] of [
        [writer!, 'WRITE'],
        [reader!, 'READ'],
        [member!, 'READ'],
      ] as const) {
        await cases().share(owner!, id, { account, access });
      }
      const [item] = await cases().save(owner!, id, await outputsOf(world, owner!));
      const actor = actors[role];
      const [output, other] = await outputsOf(world, actor, 2);
      const own = idOf(await workspaceOf(world, actor));
      const [ownItem] = await cases().save(actor, own, [other!]);
      return {
        ...{ actor, id, item: item!.id, member: member!, output: output! },
        ...{ own, ownItem: ownItem!.id },
      };
    }

    const NOT_FOUND = 'NOT_FOUND';
    const FORBIDDEN = 'FORBIDDEN';
    const OPERATIONS: Record<
      string,
      [
        (scene: Scene) => Promise<unknown>,
        ...('ok' | 'nothing' | typeof NOT_FOUND | typeof FORBIDDEN)[],
      ]
    > = {
      // What it does, then how it ends for the owner, a writer, a reader, a stranger.
      see: [({ actor, id }) => cases().get(actor, id), 'ok', 'ok', 'ok', 'nothing'],
      'see an item': [({ actor, item }) => cases().item(actor, item), 'ok', 'ok', 'ok', 'nothing'],
      'use an item': [
        ({ actor, item }) =>
          world.app.generate(actor, press(undefined, { action: 'image.edit', inputs: [item] })),
        ...(['ok', 'ok', 'ok'] as const),
      ],
      rename: [
        ({ actor, id }) => cases().rename(actor, id, 'Winter'),
        ...(['ok', FORBIDDEN, FORBIDDEN, NOT_FOUND] as const),
      ],
      share: [
        ({ actor, id }) => cases().share(actor, id, { account: newAccount(), access: 'READ' }),
        ...(['ok', FORBIDDEN, FORBIDDEN, NOT_FOUND] as const),
      ],
      unshare: [
        ({ actor, id, member }) => cases().unshare(actor, id, member),
        ...(['ok', FORBIDDEN, FORBIDDEN, NOT_FOUND] as const),
      ],
      save: [
        ({ actor, id, output }) => cases().save(actor, id, [output]),
        ...(['ok', 'ok', FORBIDDEN, NOT_FOUND] as const),
      ],
      'move in': [
        ({ actor, id, ownItem }) => cases().move(actor, ownItem, id),
        ...(['ok', 'ok', FORBIDDEN, NOT_FOUND] as const),
      ],
      'move out': [
        ({ actor, item, own }) => cases().move(actor, item, own),
        ...(['ok', 'ok', FORBIDDEN, NOT_FOUND] as const),
      ],
      'remove an item': [
        ({ actor, item }) => cases().removeItem(actor, item),
        ...(['ok', 'ok', FORBIDDEN, NOT_FOUND] as const),
      ],
      delete: [
        ({ actor, id }) => cases().remove(actor, id),
        ...(['ok', FORBIDDEN, FORBIDDEN, NOT_FOUND] as const),
      ],
    };
    const TABLE = Object.entries(OPERATIONS).flatMap(([operation, [, ...ends]]) =>
      ends.map((end, place) => [ROLES[place]!, operation, end] as const),
    );

    it.each(TABLE)('should answer the %s who wants to %s: %s', async (role, operation, end) => {
      const stage = await scene(role);
      const state = async () => {
        const { id, owner } = (await world.core.workspaces.access(stage.member, stage.id))!
          .workspace;
        const { workspaces } = world.core;
        return [
          await workspaces.access(owner, id),
          await workspaces.members(owner, id),
          await workspaces.items(owner, id, 10, null),
          await cases().item(stage.actor, stage.ownItem),
        ];
      };
      const before = await state();
      const answer = await endOf(OPERATIONS[operation]![0](stage));
      if (end === 'ok') {
        expect(answer).not.toBeNull();
        expect(String(answer)).not.toMatch(/^[A-Z_]+: /);
        return;
      }
      if (end === 'nothing') expect(answer).toBeNull();
      else expect(answer).toMatch(new RegExp(`^${end}: `));
      expect(await state()).toEqual(before);
    });

    it('should say to a stranger exactly what it says of what does not exist', async () => {
      const stage = await scene('stranger');
      const absent = { ...stage, id: nothing, item: `item_${randomUUID()}` };
      const told = async (operation: string, on: Scene) =>
        String(await endOf(OPERATIONS[operation]![0](on)));
      for (const operation of ['rename', 'share', 'unshare', 'save', 'move in', 'delete']) {
        const answer = await told(operation, stage);
        expect(answer.replace(stage.id, absent.id)).toBe(await told(operation, absent));
      }
      for (const operation of ['move out', 'remove an item']) {
        const answer = await told(operation, stage);
        expect(answer.replace(stage.item, absent.item)).toBe(await told(operation, absent));
      }
    });

    it('should name who can help a member that may not', async () => {
      const stage = await scene('reader');
      const { owner } = (await cases().get(stage.actor, stage.id))!.workspace;
      const [rename, save] = [OPERATIONS.rename![0], OPERATIONS.save![0]];
      expect(await endOf(rename(stage))).toContain(owner);
      expect(await endOf(save(stage))).toBe(
        `FORBIDDEN: You can only read this workspace. Its owner, ${owner}, can give you WRITE access.`,
      );
    });

    it('should let nobody use an item as input who cannot see it', async () => {
      const stage = await scene('stranger');
      await expect(OPERATIONS['use an item']![0](stage)).rejects.toMatchObject({
        code: 'BAD_USER_INPUT',
      });
    });
  });

  describe('deleting an account', () => {
    it('should take its workspaces, and leave what it saved with others under an alias', async () => {
      const [account, friend] = [newAccount(), newAccount()];
      const own = idOf(await workspaceOf(world, account));
      const theirs = idOf(await workspaceOf(world, friend));
      await cases().share(friend, theirs, { account, access: 'WRITE' });
      const outputs = await outputsOf(world, account);
      const [mine] = await cases().save(account, own, outputs);
      const [given] = await cases().save(account, theirs, outputs);
      const at = world.core.clock.now();
      expect(await world.app.deleteAccount('op', account, 'asked to')).toEqual({ done: true });
      expect(await world.core.workspaces.access(account, own)).toBeNull();
      const { nodes } = await cases().items((await cases().get(friend, theirs))!, 10, null);
      expect(nodes).toMatchObject([{ id: given!.id, key: given!.key }]);
      expect(nodes[0]!.savedBy).toMatch(/^deleted-/);
      const due = await world.core.removals.due(at + 60_000, 1_000);
      for (const key of filesOf(mine!)) expect(due).toContain(key);
      for (const key of filesOf(given!)) expect(due).not.toContain(key);
    });
  });
});
