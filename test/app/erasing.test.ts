import { randomUUID } from 'node:crypto';
import { removeDue } from '../../src/app/delete.js';
import { GateUnavailable } from '../../src/gate.js';
import type { Item } from '../../src/workspaces.js';
import { makeManualClock } from '../world/clock.js';
import { makeWorld, MODES, press, type World, type WorldOptions } from '../world/world.js';
import { idOf, workspaceOf } from './workspaces.samples.js';

const NOON = Date.parse('2026-06-15T12:00:00Z');

describe.each(MODES)('taking out, %s', (mode) => {
  let world: World;
  async function begin(options: WorldOptions = {}): Promise<void> {
    world = await makeWorld(mode, options);
    await world.app.quota(world.account);
  }
  afterEach(() => world.dispose());

  const erase = () => world.app.deleteAccount('support', world.account, 'asked to');

  it('should say that there is more to do, and be done when it is asked again', async () => {
    const clock = makeManualClock(NOON);
    let steps = 0;
    await begin({
      clock,
      change: ({ erasure }) => ({
        erasure: {
          ...erasure,
          async step(deletion, at) {
            steps += 1;
            if (steps > 1) return erasure.step(deletion, at);
            clock.advance(10_000);
            return false;
          },
        },
      }),
    });
    expect(await erase()).toEqual({ done: false });
    expect(steps).toBe(1);
    await expect(world.app.generate(world.account, press())).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
    expect(await world.core.erasure.unfinished(10)).toMatchObject([{ account: world.account }]);
    expect(await erase()).toEqual({ done: true });
    expect(await world.core.erasure.unfinished(10)).toEqual([]);
    expect(await world.core.ledger.subscription(world.account)).toBeNull();
  });

  it('should go on at once while there is time', async () => {
    const clock = makeManualClock(NOON);
    let steps = 0;
    await begin({
      clock,
      change: ({ erasure }) => ({
        erasure: {
          ...erasure,
          async step(deletion, at) {
            steps += 1;
            if (steps > 2) return erasure.step(deletion, at);
            clock.advance(4_999);
            return false;
          },
        },
      }),
    });
    expect(await erase()).toEqual({ done: true });
    expect(steps).toBe(3);
  });

  it('should be done without the gate: it forgets by itself', async () => {
    const forget = () => Promise.reject(new GateUnavailable('it is away'));
    await begin({ change: ({ gate }) => ({ gate: { ...gate, forget } }) });
    expect(await erase()).toEqual({ done: true });
    expect(await world.core.erasure.unfinished(10)).toEqual([]);
  });

  it('should leave no item behind, however many there are', async () => {
    await begin();
    const id = idOf(await workspaceOf(world, world.account));
    const { account } = world;
    const items = Array.from({ length: 501 }, (_, index): Item => {
      const name = String(index).padStart(4, '0');
      return {
        ...{ id: `item_${name}`, owner: account, workspaceId: id, kind: 'image', savedBy: account },
        ...{ source: { account, generationId: randomUUID(), index: 0 }, savedAt: NOON },
        ...{ key: `kept/${name}.png`, thumbnailKey: null, contentType: 'image/png', bytes: 1 },
        ...{ sha256: 'ab'.repeat(32), width: 1, height: 1, durationMs: null },
      };
    });
    await world.core.removals.schedule(
      items.map(({ key }) => key),
      Date.now() + 3_600_000,
    );
    expect(await world.core.workspaces.save(items, 1_000)).toHaveLength(501);
    expect(await erase()).toEqual({ done: true });
    expect(await world.core.workspaces.items(account, id, 1_000, null)).toEqual([]);
    const due = await world.core.removals.due(Date.now(), 1_000);
    expect(due.sort()).toEqual(items.map(({ key }) => key));
  });

  describe('files that are due', () => {
    const clock = makeManualClock(NOON);
    const broken = new Set<string>();
    const asked: string[] = [];
    beforeEach(async () => {
      broken.clear();
      asked.length = 0;
      await begin({
        clock,
        change: ({ assets }) => ({
          assets: {
            ...assets,
            remove: (key) => {
              asked.push(key);
              if (broken.has(key)) return Promise.reject(new Error('not now'));
              return assets.remove(key);
            },
          },
        }),
      });
    });

    /** Files that are due one after the other, the last named first. */
    async function dueFiles(...keys: string[]): Promise<void> {
      const { assets, removals } = world.core;
      for (const [index, key] of keys.entries()) {
        const received = await assets.receive(Buffer.from('x'), { maxBytes: 1 });
        await assets.put(key, received, 'text/plain');
        await received.discard();
        await removals.schedule([key], clock.now() - index);
      }
    }
    const there = async (...keys: string[]) =>
      Promise.all(keys.map(async (key) => (await world.core.assets.size(key)) !== null));

    it('should go in the order in which they are due', async () => {
      await dueFiles('d/b.txt', 'd/c.txt', 'd/a.txt');
      const { removals } = world.core;
      expect(await removals.due(clock.now(), 2)).toEqual(['d/a.txt', 'd/c.txt']);
      expect(await removals.due(clock.now() - 1, 9)).toEqual(['d/a.txt', 'd/c.txt']);
      await removeDue(world.core);
      expect(asked).toEqual(['d/a.txt', 'd/c.txt', 'd/b.txt']);
      expect(await there(...asked)).toEqual([false, false, false]);
    });

    it('should go although one before them cannot, which is tried again later', async () => {
      await dueFiles('d/c.txt', 'd/b.txt', 'd/a.txt');
      broken.add('d/a.txt');
      await removeDue(world.core);
      expect(await there('d/a.txt', 'd/b.txt', 'd/c.txt')).toEqual([true, false, false]);
      broken.clear();
      clock.advance(599_999);
      await removeDue(world.core);
      expect(await there('d/a.txt')).toEqual([true]);
      clock.advance(1);
      await removeDue(world.core);
      expect(await there('d/a.txt')).toEqual([false]);
      expect(await world.core.removals.due(clock.now() + 1e9, 9)).toEqual([]);
    });

    it('should wait for the next round after three that cannot go', async () => {
      const bad = ['d/1.txt', 'd/2.txt', 'd/3.txt'];
      await dueFiles('d/b.txt', 'd/a.txt', ...bad);
      for (const key of bad) broken.add(key);
      await removeDue(world.core);
      expect(asked).toEqual([...bad].reverse());
      await removeDue(world.core);
      expect(await there('d/a.txt', 'd/b.txt')).toEqual([false, false]);
      expect(await there(...bad)).toEqual([true, true, true]);
    });
  });
});
