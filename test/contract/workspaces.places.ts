import { randomUUID } from 'node:crypto';
import type { Member, Workspace } from '../../src/workspaces.js';
import { aWorkspace, close, made, MANY, newAccount, NOW } from './workspaces.samples.js';
import type { WorkspacesHarness } from './workspaces.samples.js';

const member = (account: string, changes: Partial<Member> = {}): Member => ({
  account,
  access: 'READ',
  at: NOW,
  ...changes,
});

export function describePlaces(harness: () => WorkspacesHarness): void {
  const ports = () => harness().workspaces;

  describe('making', () => {
    it('should make one workspace of one request, however often and at once it comes', async () => {
      const [owner, other, request] = [newAccount(), newAccount(), randomUUID()];
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => ports().create(aWorkspace(owner), request, MANY)),
      );
      const [first] = answers as Workspace[];
      expect(first).toMatchObject({ owner, name: 'Autumn campaign', createdAt: NOW });
      expect(answers).toEqual(answers.map(() => first));
      expect(await ports().list(owner, 10, null)).toEqual([{ workspace: first, access: 'OWNER' }]);
      // The same request of somebody else is another one.
      const theirs = await ports().create(aWorkspace(other), request, MANY);
      expect(theirs).toMatchObject({ owner: other });
    });

    it('should never let an owner have more than allowed, also when all come at once', async () => {
      const owner = newAccount();
      const create = () => ports().create(aWorkspace(owner), randomUUID(), 5);
      const answers = await Promise.all(Array.from({ length: 30 }, create));
      expect(answers.filter((answer) => answer === 'full')).toHaveLength(25);
      const standing = await ports().list(owner, MANY, null);
      expect(standing).toHaveLength(5);
      await ports().remove(owner, standing[0]!.workspace.id, NOW);
      expect(await create()).toMatchObject({ owner });
      expect(await create()).toBe('full');
    });

    it('should answer a repeated request also when no more are allowed', async () => {
      const [owner, request] = [newAccount(), randomUUID()];
      const workspace = await ports().create(aWorkspace(owner), request, 1);
      expect(await ports().create(aWorkspace(owner), request, 1)).toEqual(workspace);
    });

    it('should make nothing for an account that is being deleted', async () => {
      const owner = newAccount();
      await close(harness().database, owner);
      expect(await ports().create(aWorkspace(owner), randomUUID(), MANY)).toBe('closed');
      expect(await ports().list(owner, 10, null)).toEqual([]);
    });

    it('should keep every printable name as it is', async () => {
      const owner = newAccount();
      const name = '👩‍👩‍👧'.repeat(20);
      expect(Array.from(name)).toHaveLength(100);
      const workspace = aWorkspace(owner, { name });
      await ports().create(workspace, randomUUID(), MANY);
      expect((await ports().access(owner, workspace.id))?.workspace.name).toBe(name);
    });
  });

  describe('seeing', () => {
    it('should show a workspace to its owner and members only', async () => {
      const [owner, reader, writer] = [newAccount(), newAccount(), newAccount()];
      const workspace = await made(ports(), owner);
      await ports().share(workspace, member(reader), MANY);
      await ports().share(workspace, member(writer, { access: 'WRITE' }), MANY);
      const access = async (account: string, id = workspace.id) => ports().access(account, id);
      expect(await access(owner)).toEqual({ workspace, access: 'OWNER' });
      expect(await access(reader)).toEqual({ workspace, access: 'READ' });
      expect(await access(writer)).toEqual({ workspace, access: 'WRITE' });
      // Names that a careless comparison takes for the same.
      for (const other of [newAccount(), `${owner} `, owner.toUpperCase(), `${reader} `]) {
        expect(await access(other)).toBeNull();
        expect(await ports().list(other, 10, null)).toEqual([]);
      }
      expect(await access(owner, `ws_${randomUUID()}`)).toBeNull();
    });

    it('should list what is owned and what is shared in one order, page by page', async () => {
      const [account, friend] = [newAccount(), newAccount()];
      const all: Workspace[] = [];
      for (let i = 0; i < 7; i++) {
        const workspace = await made(ports(), i % 2 === 0 ? account : friend);
        if (i % 2 === 1) await ports().share(workspace, member(account), MANY);
        all.unshift(workspace);
      }
      const seen: string[] = [];
      for (let before: string | null = null; ;) {
        const page = await ports().list(account, 3, before);
        if (page.length === 0) break;
        expect(page.length).toBeLessThanOrEqual(3);
        seen.push(...page.map(({ workspace }) => workspace.id));
        before = seen.at(-1)!;
      }
      expect(seen).toEqual(all.map(({ id }) => id));
      const accesses = (await ports().list(account, 10, null)).map(({ access }) => access);
      expect(accesses).toEqual(['OWNER', 'READ', 'OWNER', 'READ', 'OWNER', 'READ', 'OWNER']);
    });

    it('should rename a workspace for its owner only', async () => {
      const [owner, other] = [newAccount(), newAccount()];
      const { id } = await made(ports(), owner);
      await ports().rename(other, id, 'Mine now');
      expect((await ports().access(owner, id))?.workspace.name).toBe('Autumn campaign');
      await ports().rename(owner, id, 'Winter');
      expect((await ports().access(owner, id))?.workspace.name).toBe('Winter');
    });
  });

  describe('sharing', () => {
    it('should change what a member may do when it is shared again', async () => {
      const [owner, friend] = [newAccount(), newAccount()];
      const workspace = await made(ports(), owner);
      expect(await ports().share(workspace, member(friend), 1)).toBe('shared');
      const again = member(friend, { access: 'WRITE', at: NOW + 5 });
      expect(await ports().share(workspace, again, 1)).toBe('shared');
      expect(await ports().members(owner, workspace.id)).toEqual([
        { account: friend, access: 'WRITE', at: NOW },
      ]);
    });

    it('should never share with more than allowed, also when all come at once', async () => {
      const workspace = await made(ports(), newAccount());
      const share = () => ports().share(workspace, member(newAccount()), 5);
      const answers = await Promise.all(Array.from({ length: 20 }, share));
      expect(answers.filter((answer) => answer === 'full')).toHaveLength(15);
      expect(await ports().members(workspace.owner, workspace.id)).toHaveLength(5);
    });

    it('should share with one account once, also when it is done twice at once', async () => {
      const [workspace, friend] = [await made(ports(), newAccount()), newAccount()];
      await Promise.all(
        Array.from({ length: 10 }, () => ports().share(workspace, member(friend), 1)),
      );
      expect(await ports().members(workspace.owner, workspace.id)).toHaveLength(1);
    });

    it('should list members in the order they came', async () => {
      const workspace = await made(ports(), newAccount());
      const members = [3, 1, 2].map((n) => member(newAccount(), { at: NOW + n }));
      for (const one of members) await ports().share(workspace, one, MANY);
      expect(await ports().members(workspace.owner, workspace.id)).toEqual([
        members[1],
        members[2],
        members[0],
      ]);
    });

    it('should end a share, and only that one', async () => {
      const [owner, friend, other] = [newAccount(), newAccount(), newAccount()];
      const workspace = await made(ports(), owner);
      for (const account of [friend, other]) {
        await ports().share(workspace, member(account), MANY);
      }
      await ports().unshare(newAccount(), workspace.id, friend);
      expect(await ports().access(friend, workspace.id)).not.toBeNull();
      await ports().unshare(owner, workspace.id, friend);
      expect(await ports().access(friend, workspace.id)).toBeNull();
      expect(await ports().access(other, workspace.id)).not.toBeNull();
    });

    it('should take the shares away with the workspace, and add none to one that is gone', async () => {
      const [owner, friend] = [newAccount(), newAccount()];
      const workspace = await made(ports(), owner);
      await ports().share(workspace, member(friend), MANY);
      await ports().remove(newAccount(), workspace.id, NOW);
      expect(await ports().access(friend, workspace.id)).not.toBeNull();
      await ports().remove(owner, workspace.id, NOW);
      expect(await ports().access(friend, workspace.id)).toBeNull();
      expect(await ports().list(friend, 10, null)).toEqual([]);
      expect(await ports().share(workspace, member(friend), MANY)).toBe('absent');
      const left = await harness().database.read((sql) =>
        sql.rows('SELECT account FROM workspace_shares WHERE workspace_id = ?', [workspace.id]),
      );
      expect(left).toEqual([]);
    });
  });
}
