import { randomUUID } from 'node:crypto';
import { eraseWorkspaces } from '../../src/ledger/workspaces.js';
import {
  anItem,
  aWorkspace,
  close,
  dueOf,
  made,
  MANY,
  newAccount,
  NOW,
  save,
  saved,
} from './workspaces.samples.js';
import type { WorkspacesHarness } from './workspaces.samples.js';

const ALIAS = `deleted-${randomUUID()}`;
const TABLES = {
  workspace_owners: ['owner'],
  workspaces: ['owner'],
  workspace_shares: ['account', 'owner'],
  workspace_items: ['owner', 'source_account', 'saved_by'],
};

export function describeErasing(harness: () => WorkspacesHarness): void {
  const ports = () => harness().workspaces;

  /** Runs to the end; answers how many transactions it took. */
  async function erase(account: string): Promise<number> {
    for (let step = 1; ; step++) {
      const done = await harness().database.transaction((sql) =>
        eraseWorkspaces(sql, account, ALIAS, NOW),
      );
      if (done) return step;
    }
  }

  /** Where the account's name still stands. */
  async function traces(account: string): Promise<string[]> {
    const found = await harness().database.read((sql) =>
      Promise.all(
        Object.entries(TABLES).flatMap(([table, columns]) =>
          columns.map(async (column) => {
            const rows = await sql.rows(`SELECT 1 FROM ${table} WHERE ${column} = ?`, [account]);
            return rows.map(() => `${table}.${column}`);
          }),
        ),
      ),
    );
    return found.flat();
  }

  describe('deleting an account', () => {
    it('should take it out of every table, and leave to others what it gave them', async () => {
      const [account, friend] = [newAccount(), newAccount()];
      const [own, theirs] = [await made(ports(), account), await made(ports(), friend)];
      await ports().share(own, { account: friend, access: 'WRITE', at: NOW }, MANY);
      await ports().share(theirs, { account, access: 'WRITE', at: NOW }, MANY);
      const mine = await saved(harness(), anItem(own));
      const fromFriend = await saved(harness(), anItem(own, { savedBy: friend }));
      const given = await saved(harness(), anItem(theirs, { savedBy: account }));
      const kept = await saved(harness(), anItem(theirs));

      expect(await erase(account)).toBe(1);
      expect(await traces(account)).toEqual([]);
      const { database } = harness();
      for (const item of [mine, fromFriend])
        expect(await dueOf(database, item)).toEqual([NOW, NOW]);
      for (const item of [given, kept]) expect(await dueOf(database, item)).toEqual([null, null]);
      expect(await ports().list(friend, 10, null)).toEqual([
        { workspace: theirs, access: 'OWNER' },
      ]);
      expect(await ports().members(friend, theirs.id)).toEqual([]);
      expect(await ports().items(friend, theirs.id, MANY, null)).toEqual([
        kept,
        { ...given, savedBy: ALIAS, source: { ...given.source, account: ALIAS } },
      ]);
      expect(await erase(account)).toBe(1);
    });

    it('should do it in bounded steps', async () => {
      const [account, friend] = [newAccount(), newAccount()];
      const [own, theirs] = [await made(ports(), account), await made(ports(), friend)];
      await ports().share(theirs, { account, access: 'WRITE', at: NOW }, MANY);
      const items = Array.from({ length: 600 }, () => anItem(own));
      const given = Array.from({ length: 600 }, () => anItem(theirs, { savedBy: account }));
      await save(harness(), items);
      await save(harness(), given);
      const { database } = harness();
      expect(await database.transaction((sql) => eraseWorkspaces(sql, account, ALIAS, NOW))).toBe(
        false,
      );
      // Nothing of it is seen or added to from the first step on.
      expect(await ports().access(account, own.id)).toBeNull();
      expect(await ports().item(account, items[0]!.id)).toBeNull();
      expect(await save(harness(), [anItem(own)])).toBe('absent');
      expect(await erase(account)).toBe(2);
      expect(await traces(account)).toEqual([]);
      expect(await ports().items(friend, theirs.id, MANY, null)).toHaveLength(600);
      expect(await dueOf(database, items[599]!)).toEqual([NOW, NOW]);
    });

    it('should leave nothing of what is made and saved at the same time', async () => {
      for (let round = 0; round < 5; round++) {
        const [account, friend] = [newAccount(), newAccount()];
        const theirs = await made(ports(), friend);
        await ports().share(theirs, { account, access: 'WRITE', at: NOW }, MANY);
        const doings = Array.from({ length: 6 }, async () => {
          await ports().create(aWorkspace(account), randomUUID(), MANY);
          await save(harness(), [anItem(theirs, { savedBy: account })]);
        });
        await close(harness().database, account);
        await erase(account);
        await Promise.all(doings);
        expect(await traces(account)).toEqual([]);
      }
    });
  });
}
