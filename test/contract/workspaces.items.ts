import type { Item, Workspace } from '../../src/workspaces.js';
import {
  again,
  anItem,
  dueOf,
  LATER,
  made,
  MANY,
  newAccount,
  NOW,
  save,
  saved,
  schedule,
} from './workspaces.samples.js';
import type { WorkspacesHarness } from './workspaces.samples.js';

const KEPT = [null, null];
const GONE_LATER = [LATER, LATER];
const GONE_NOW = [NOW, NOW];

export function describeItems(harness: () => WorkspacesHarness): void {
  const ports = () => harness().workspaces;
  const due = (item: Item) => dueOf(harness().database, item);
  const held = ({ owner, id }: Workspace) => ports().items(owner, id, MANY, null);
  const share = (workspace: Workspace, account: string, access: 'READ' | 'WRITE') =>
    ports().share(workspace, { account, access, at: NOW }, MANY);

  describe('saving', () => {
    it('should keep every fact of an item, and its files', async () => {
      const workspace = await made(ports(), newAccount());
      const items = [
        anItem(workspace),
        anItem(workspace, { thumbnailKey: null, width: null, height: null, durationMs: null }),
      ];
      expect(await save(harness(), items)).toEqual(items);
      expect(await held(workspace)).toEqual([...items].reverse());
      expect(await due(items[0]!)).toEqual(KEPT);
      expect(await due(items[1]!)).toEqual([null]);
      expect(await ports().save([], MANY)).toEqual([]);
    });

    it('should page through items, newest first', async () => {
      const workspace = await made(ports(), newAccount());
      const items = Array.from({ length: 5 }, () => anItem(workspace));
      await save(harness(), items);
      const { owner, id } = workspace;
      const newest = [...items].reverse();
      expect(await ports().items(owner, id, 3, null)).toEqual(newest.slice(0, 3));
      expect(await ports().items(owner, id, 3, newest[2]!.id)).toEqual(newest.slice(3));
    });

    it('should answer the item that stands, and leave the new copy to be removed', async () => {
      const workspace = await made(ports(), newAccount());
      const [first, other] = [anItem(workspace), anItem(workspace)];
      await save(harness(), [first]);
      const copy = again(first);
      expect(await save(harness(), [other, copy])).toEqual([other, first]);
      expect(await held(workspace)).toEqual([other, first]);
      expect(await due(first)).toEqual(KEPT);
      expect(await due(copy)).toEqual(GONE_LATER);
      // The very call once more, as after a lost connection.
      expect(await ports().save([other, copy], MANY)).toEqual([other, first]);
      expect(await due(other)).toEqual(KEPT);
    });

    it('should tell the outputs of one generation apart, and those of two accounts', async () => {
      const workspace = await made(ports(), newAccount());
      const first = anItem(workspace);
      const { source } = first;
      const second = anItem(workspace, { source: { ...source, index: 1 } });
      expect(await save(harness(), [first, second])).toEqual([first, second]);
      const friend = newAccount();
      await share(workspace, friend, 'WRITE');
      const theirs = anItem(workspace, {
        savedBy: friend,
        source: { ...source, account: friend },
      });
      expect(await save(harness(), [theirs])).toEqual([theirs]);
      expect(await held(workspace)).toHaveLength(3);
    });

    it('should save an output once and keep one file when it is saved many times at once', async () => {
      const workspace = await made(ports(), newAccount());
      const first = anItem(workspace);
      const copies = [first, ...Array.from({ length: 19 }, () => again(first))];
      const answers = await Promise.all(copies.map((copy) => save(harness(), [copy])));
      const [winner] = await held(workspace);
      expect(await held(workspace)).toEqual([winner]);
      expect(answers).toEqual(copies.map(() => [winner]));
      for (const copy of copies) {
        expect(await due(copy)).toEqual(copy.id === winner!.id ? KEPT : GONE_LATER);
      }
    });

    it('should never hold more than allowed, nor a part of what was asked for', async () => {
      const workspace = await made(ports(), newAccount());
      const pairs = Array.from({ length: 10 }, () => [anItem(workspace), anItem(workspace)]);
      const answers = await Promise.all(pairs.map((pair) => save(harness(), pair, 7)));
      expect(answers.filter((answer) => answer === 'full')).toHaveLength(7);
      const standing = new Set((await held(workspace)).map(({ id }) => id));
      expect(standing.size).toBe(6);
      for (const [index, pair] of pairs.entries()) {
        const isIn = answers[index] !== 'full';
        expect(pair.map(({ id }) => standing.has(id))).toEqual([isIn, isIn]);
        expect(await due(pair[0]!)).toEqual(isIn ? KEPT : GONE_LATER);
      }
      // What is there already needs no room.
      const [, full] = [await save(harness(), [anItem(workspace)], 7), await held(workspace)];
      expect(full).toHaveLength(7);
      expect(await save(harness(), [again(full[3]!)], 7)).toEqual([full[3]]);
    });

    it('should save nothing in a workspace that is gone or may only be read', async () => {
      const [owner, friend] = [newAccount(), newAccount()];
      const workspace = await made(ports(), owner);
      const item = anItem(workspace, { savedBy: friend });
      expect(await save(harness(), [item])).toBe('absent');
      await share(workspace, friend, 'READ');
      expect(await ports().save([item], MANY)).toBe('absent');
      await share(workspace, friend, 'WRITE');
      expect(await ports().save([item], MANY)).toEqual([item]);
      await ports().remove(owner, workspace.id, NOW);
      const late = anItem(workspace);
      expect(await save(harness(), [late])).toBe('absent');
      expect(await due(late)).toEqual(GONE_LATER);
      expect(await held(workspace)).toEqual([]);
    });

    it('should refuse an item whose file may be gone before it is there', async () => {
      const workspace = await made(ports(), newAccount());
      const [dueNow, unknown, good] = [anItem(workspace), anItem(workspace), anItem(workspace)];
      await schedule(harness().database, [dueNow], NOW);
      await schedule(harness().database, [good]);
      for (const items of [
        [good, dueNow],
        [good, unknown],
      ]) {
        await expect(ports().save(items, MANY)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      }
      expect(await held(workspace)).toEqual([]);
      expect(await due(good)).toEqual(GONE_LATER);
    });
  });

  describe('finding an item', () => {
    it('should find it by its id alone, for those who can see it', async () => {
      const [owner, reader] = [newAccount(), newAccount()];
      const workspace = await made(ports(), owner);
      const item = await saved(harness(), anItem(workspace));
      expect(await ports().item(reader, item.id)).toBeNull();
      await share(workspace, reader, 'READ');
      const membership = { workspace, access: 'OWNER' };
      expect(await ports().item(owner, item.id)).toEqual({ item, membership });
      expect(await ports().item(reader, item.id)).toEqual({
        item,
        membership: { ...membership, access: 'READ' },
      });
      expect(await ports().item(newAccount(), item.id)).toBeNull();
      expect(await ports().item(owner, workspace.id)).toBeNull();
      await ports().unshare(owner, workspace.id, reader);
      expect(await ports().item(reader, item.id)).toBeNull();
    });
  });

  describe('moving', () => {
    async function two() {
      const [from, to] = [await made(ports(), newAccount()), await made(ports(), newAccount())];
      return { from, to, item: await saved(harness(), anItem(from)) };
    }

    it('should move an item with its file', async () => {
      const { from, to, item } = await two();
      const moved = { ...item, owner: to.owner, workspaceId: to.id };
      expect(await ports().move(item, to, MANY, NOW)).toEqual(moved);
      expect(await held(from)).toEqual([]);
      expect(await held(to)).toEqual([moved]);
      expect(await due(item)).toEqual(KEPT);
      // Into where it is already, as after a lost answer.
      expect(await ports().move(moved, to, MANY, NOW)).toEqual(moved);
      expect(await held(to)).toEqual([moved]);
    });

    it('should end an item where the same output is there already, and its file with it', async () => {
      const { from, to, item } = await two();
      const { source, savedBy } = item;
      await share(to, savedBy, 'WRITE');
      const standing = await saved(harness(), anItem(to, { source, savedBy }));
      // Also when there is no room for another.
      expect(await ports().move(item, to, 1, NOW)).toEqual(standing);
      expect(await held(from)).toEqual([]);
      expect(await held(to)).toEqual([standing]);
      expect(await due(item)).toEqual(GONE_NOW);
      expect(await due(standing)).toEqual(KEPT);
      expect(await ports().move(item, to, MANY, NOW)).toBe('absent');
    });

    it('should refuse what is full or gone, and change nothing', async () => {
      const { from, to, item } = await two();
      expect(await ports().move(item, to, 0, NOW)).toBe('full');
      expect(await held(from)).toEqual([item]);
      await ports().remove(to.owner, to.id, NOW);
      expect(await ports().move(item, to, MANY, NOW)).toBe('absent');
      expect(await held(from)).toEqual([item]);
      await ports().removeItem(item, NOW);
      const elsewhere = await made(ports(), newAccount());
      expect(await ports().move(item, elsewhere, MANY, NOW)).toBe('absent');
      expect(await held(elsewhere)).toEqual([]);
    });

    it('should move an item to one place only when it is moved to several at once', async () => {
      const { from, item } = await two();
      const places = await Promise.all(
        Array.from({ length: 8 }, () => made(ports(), newAccount())),
      );
      const answers = await Promise.all(
        places.map((place) => ports().move(item, place, MANY, NOW)),
      );
      expect(answers.filter((answer) => answer === 'absent')).toHaveLength(7);
      expect((await Promise.all([from, ...places].map(held))).flat()).toHaveLength(1);
      expect(await due(item)).toEqual(KEPT);
    });

    it('should keep one of two equal items that are moved to one place at once', async () => {
      for (let round = 0; round < 5; round++) {
        const { from, to, item } = await two();
        const { source, savedBy } = item;
        const other = await made(ports(), savedBy);
        const twin = await saved(harness(), anItem(other, { source, savedBy }));
        const answers = await Promise.all(
          [item, twin].map((one) => ports().move(one, to, MANY, NOW)),
        );
        const [winner, ...rest] = await held(to);
        expect([winner, rest]).toEqual([answers[0], []]);
        expect(answers[1]).toEqual(winner);
        expect([...(await held(from)), ...(await held(other))]).toEqual([]);
        for (const one of [item, twin]) {
          expect(await due(one)).toEqual(one.id === winner!.id ? KEPT : GONE_NOW);
        }
      }
    });
  });

  describe('removing', () => {
    it('should remove an item and its files, once', async () => {
      const workspace = await made(ports(), newAccount());
      const [item, other] = [anItem(workspace), anItem(workspace)];
      await save(harness(), [item, other]);
      await ports().removeItem(item, NOW);
      await ports().removeItem(item, LATER);
      expect(await held(workspace)).toEqual([other]);
      expect(await due(item)).toEqual(GONE_NOW);
      expect(await due(other)).toEqual(KEPT);
    });

    it('should not touch an item that was moved away in the meantime', async () => {
      const [from, to] = [await made(ports(), newAccount()), await made(ports(), newAccount())];
      const item = await saved(harness(), anItem(from));
      await ports().move(item, to, MANY, NOW);
      await ports().removeItem(item, NOW);
      expect(await held(to)).toHaveLength(1);
      expect(await due(item)).toEqual(KEPT);
    });

    it('should remove all files with the workspace', async () => {
      const workspace = await made(ports(), newAccount());
      const items = Array.from({ length: 3 }, () => anItem(workspace));
      const bare = anItem(workspace, { thumbnailKey: null });
      await save(harness(), [...items, bare]);
      const { owner, id } = workspace;
      await ports().remove(newAccount(), id, NOW);
      expect(await held(workspace)).toHaveLength(4);
      await ports().remove(owner, id, NOW);
      expect(await held(workspace)).toEqual([]);
      expect(await ports().item(owner, items[0]!.id)).toBeNull();
      for (const item of items) expect(await due(item)).toEqual(GONE_NOW);
      expect(await due(bare)).toEqual([NOW]);
    });

    it('should leave no item behind when a workspace is saved to while it is removed', async () => {
      for (let round = 0; round < 10; round++) {
        const workspace = await made(ports(), newAccount());
        const items = Array.from({ length: 6 }, () => anItem(workspace));
        await schedule(harness().database, items);
        const saves = items.map((item) => ports().save([item], MANY));
        const removal = ports().remove(workspace.owner, workspace.id, NOW);
        const answers = await Promise.all(saves);
        await removal;
        expect(await held(workspace)).toEqual([]);
        // What was saved goes now; what was too late goes as it was written down.
        for (const [index, item] of items.entries()) {
          expect(await due(item)).toEqual(answers[index] === 'absent' ? GONE_LATER : GONE_NOW);
        }
      }
    });

    it('should lose no file of an item that is moved away while its workspace is removed', async () => {
      for (let round = 0; round < 10; round++) {
        const [from, to] = [await made(ports(), newAccount()), await made(ports(), newAccount())];
        const items = Array.from({ length: 4 }, () => anItem(from));
        await save(harness(), items);
        const moves = items.map((item) => ports().move(item, to, MANY, NOW));
        const removal = ports().remove(from.owner, from.id, NOW);
        const answers = await Promise.all(moves);
        await removal;
        const rescued = new Set((await held(to)).map(({ id }) => id));
        for (const [index, item] of items.entries()) {
          expect(rescued.has(item.id)).toBe(answers[index] !== 'absent');
          expect(await due(item)).toEqual(rescued.has(item.id) ? KEPT : GONE_NOW);
        }
      }
    });
  });
}
