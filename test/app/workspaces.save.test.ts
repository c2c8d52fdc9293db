import type { Assets } from '../../src/assets.js';
import { removeDue } from '../../src/app/delete.js';
import type { Item } from '../../src/app/workspaces.js';
import { makeManualClock, type ManualClock } from '../world/clock.js';
import { makeWorld, MODES, type World } from '../world/world.js';
import {
  bytesOf,
  endOf,
  filesOf,
  idOf,
  newAccount,
  outputsOf,
  workspaceOf,
} from './workspaces.samples.js';

const HOUR_MS = 3_600_000;

describe.each(MODES)('saving to a workspace, %s', (mode) => {
  let world: World;
  let clock: ManualClock;
  /** Where copies were made to, and what each has to wait for or fails with. */
  let copied: string[];
  let beforeCopy: (from: string) => Promise<void>;

  beforeEach(async () => {
    copied = [];
    beforeCopy = () => Promise.resolve();
    clock = makeManualClock(Date.UTC(2026, 10, 23, 12));
    world = await makeWorld(mode, {
      clock,
      change: ({ assets }) => ({ assets: { ...assets, copy: watched(assets) } }),
    });
  });
  afterEach(() => world.dispose());

  const watched =
    (assets: Assets): Assets['copy'] =>
    async (from, to, contentType) => {
      await beforeCopy(from);
      copied.push(to);
      return assets.copy(from, to, contentType);
    };

  const cases = () => world.app.workspaces;
  const present = async (keys: readonly string[]) => {
    const sizes = await Promise.all(keys.map((key) => world.core.assets.size(key)));
    return keys.filter((_, index) => sizes[index] !== null);
  };
  async function own() {
    const account = newAccount();
    const membership = await workspaceOf(world, account);
    const items = async () => (await cases().items(membership, 100, null)).nodes;
    return { account, id: idOf(membership), items };
  }
  const removeAllDue = () => removeDue(world.core);

  it('should save copies with all that is known of the outputs, in the order asked for', async () => {
    const { account, id, items } = await own();
    const outputs = await outputsOf(world, account, 3);
    const { core, app } = world;
    const source = (await app.generation(account, outputs[0]!.split('.')[0]!))!;
    const asked = [outputs[2]!, outputs[0]!, outputs[2]!];
    const saved = await cases().save(account, id, asked);
    expect(saved.map((item) => item.source.index)).toEqual([2, 0]);
    expect(await items()).toEqual([...saved].reverse());
    for (const item of saved) {
      const output = source.outputs[item.source.index]!;
      expect(item).toMatchObject({
        kind: 'image',
        savedBy: account,
        savedAt: clock.now(),
        source: { account, generationId: source.id },
        ...{ contentType: 'image/png', width: 1, height: 1 },
        ...{ bytes: output.bytes, sha256: output.sha256 },
      });
      expect(item.key).toMatch(new RegExp(`^[0-9a-f]{16}/${id}/[0-9a-f-]{36}\\.png$`));
      expect(await bytesOf(world, item.key)).toEqual(await bytesOf(world, output.key));
      expect(await bytesOf(world, item.thumbnailKey!)).toEqual(
        await bytesOf(world, output.thumbnailKey!),
      );
    }
    expect(await core.removals.due(clock.now() + 2 * HOUR_MS, 100)).toEqual([]);
  });

  it('should keep what is saved when the generation is deleted', async () => {
    const { account, id, items } = await own();
    const [output] = await outputsOf(world, account);
    const generationId = output!.split('.')[0]!;
    const original = (await world.app.generation(account, generationId))!.outputs[0]!;
    const [item] = await cases().save(account, id, [output!]);
    await world.app.deleteGeneration(account, generationId);
    await removeAllDue();
    expect(await present(filesOf(original))).toEqual([]);
    expect(await present(filesOf(item!))).toEqual(filesOf(item!));
    expect(await items()).toEqual([item]);
  });

  it('should answer what stands when it is saved again, and remove the new copies at once', async () => {
    const { account, id, items } = await own();
    const outputs = await outputsOf(world, account, 2);
    const [first] = await cases().save(account, id, [outputs[0]!]);
    const both = await cases().save(account, id, outputs);
    expect(both[0]).toEqual(first);
    expect(await cases().save(account, id, outputs)).toEqual(both);
    expect(await items()).toHaveLength(2);
    await removeAllDue();
    const kept = both.flatMap(filesOf);
    expect((await present(copied)).sort()).toEqual([...kept].sort());
    expect(copied.length).toBeGreaterThan(kept.length);
  });

  it('should make one item and keep one file of an output that is saved many times at once', async () => {
    const { account, id, items } = await own();
    const [output] = await outputsOf(world, account);
    const other = await world.another(({ assets }) => ({
      assets: { ...assets, copy: watched(assets) },
    }));
    const apps = [world.app, other];
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, i) => apps[i % 2]!.workspaces.save(account, id, [output!])),
    );
    const standing = await items();
    expect(standing).toHaveLength(1);
    expect(answers).toEqual(answers.map(() => standing));
    await removeAllDue();
    expect((await present(copied)).sort()).toEqual(filesOf(standing[0]!).sort());
  });

  it('should save nothing when one output is not theirs, and say which', async () => {
    const { account, id, items } = await own();
    const [mine] = await outputsOf(world, account);
    const [foreign] = await outputsOf(world, newAccount());
    for (const wrong of [foreign!, mine!.replace(/0$/, '1'), 'nonsense', '../x.0']) {
      const told = await endOf(cases().save(account, id, [mine!, wrong]));
      expect(told).toMatch(/^NOT_FOUND: .*nothing was saved/);
      expect(told).toContain(wrong);
    }
    expect(await items()).toEqual([]);
    expect(copied).toEqual([]);
  });

  it('should save nothing when a file is gone or cannot be copied, and leave no copies', async () => {
    const { account, id, items } = await own();
    const outputs = await outputsOf(world, account, 3);
    const { outputs: originals } = (await world.app.generation(
      account,
      outputs[0]!.split('.')[0]!,
    ))!;
    beforeCopy = (from) =>
      from === originals[1]!.key
        ? Promise.reject(new Error('the disk is full'))
        : Promise.resolve();
    expect(await endOf(cases().save(account, id, outputs))).toMatch(
      /^UNAVAILABLE: .*nothing was saved/,
    );
    beforeCopy = () => Promise.resolve();
    await world.core.assets.remove(originals[2]!.key);
    expect(await endOf(cases().save(account, id, outputs))).toContain(`no output ${outputs[2]!}`);
    expect(await items()).toEqual([]);
    await removeAllDue();
    expect(copied.length).toBeGreaterThan(3);
    expect(await present(copied)).toEqual([]);
  });

  it('should save an output whose small picture is gone without one', async () => {
    const { account, id } = await own();
    const [output] = await outputsOf(world, account);
    const { outputs } = (await world.app.generation(account, output!.split('.')[0]!))!;
    await world.core.assets.remove(outputs[0]!.thumbnailKey!);
    const [item] = await cases().save(account, id, [output!]);
    expect(item!.thumbnailKey).toBeNull();
    await removeAllDue();
    expect(await present([item!.key])).toEqual([item!.key]);
    expect(await world.core.removals.due(clock.now() + HOUR_MS, 100)).toEqual([]);
  });

  it('should refuse for a while when far too many files are saved at once', async () => {
    const { account, id, items } = await own();
    const outputs = await outputsOf(world, account, 8);
    let open: () => void = () => undefined;
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    beforeCopy = () => opened;
    // Eight files each: more than may wait at once, so that the last calls are refused while the others wait.
    const calls = Array.from({ length: 140 }, () => endOf(cases().save(account, id, outputs)));
    expect(await Promise.race(calls)).toMatch(/^RATE_LIMITED: /);
    open();
    const ends = await Promise.all(calls);
    const refused = ends.filter((end) => /^RATE_LIMITED: .*nothing was saved/.test(String(end)));
    expect(refused.length).toBeGreaterThan(0);
    const standing = [...(await items())].reverse();
    expect(ends.filter((end) => !refused.includes(end))).toEqual(
      Array.from({ length: 140 - refused.length }, () => standing),
    );
  });

  it('should write every file down for removal before it is there', async () => {
    const { account, id } = await own();
    const outputs = await outputsOf(world, account, 2);
    const listed: string[][] = [];
    beforeCopy = async () => {
      listed.push(await world.core.removals.due(clock.now() + HOUR_MS, 100));
      // Not before the longest copy is over.
      expect(await world.core.removals.due(clock.now() + HOUR_MS - 1, 100)).toEqual([]);
    };
    await cases().save(account, id, outputs);
    expect(listed.length).toBeGreaterThanOrEqual(2);
    for (const keys of listed) expect(keys).toEqual(expect.arrayContaining(copied));
  });

  it('should save nothing when copying took so long that a file may be gone', async () => {
    const { account, id, items } = await own();
    const outputs = await outputsOf(world, account);
    beforeCopy = () => {
      clock.advance(HOUR_MS);
      return Promise.resolve();
    };
    expect(await endOf(cases().save(account, id, outputs))).toMatch(/^UNAVAILABLE: /);
    expect(await items()).toEqual([]);
  });

  it('should leave no file behind when the workspace is deleted while it is saved to', async () => {
    const { account, id } = await own();
    const outputs = await outputsOf(world, account, 2);
    beforeCopy = () =>
      cases()
        .remove(account, id)
        .catch(() => undefined);
    expect(await endOf(cases().save(account, id, outputs))).toMatch(/^NOT_FOUND: .*workspace/);
    await removeAllDue();
    expect(copied.length).toBeGreaterThan(0);
    expect(await present(copied)).toEqual([]);
  });

  it('should not save for a member whose right was taken away meanwhile', async () => {
    const { account: owner, id, items } = await own();
    const writer = newAccount();
    await cases().share(owner, id, { account: writer, access: 'WRITE' });
    const outputs = await outputsOf(world, writer);
    beforeCopy = async () => {
      await cases().share(owner, id, { account: writer, access: 'READ' });
    };
    expect(await endOf(cases().save(writer, id, outputs))).toMatch(/^FORBIDDEN: /);
    expect(await items()).toEqual([]);
    // Known from the start: then nothing is copied.
    copied = [];
    expect(await endOf(cases().save(writer, id, outputs))).toMatch(/^FORBIDDEN: /);
    expect(copied).toEqual([]);
  });

  it('should hold 5,000 items, and refuse more with nothing changed', async () => {
    const { account, id, items } = await own();
    const other = await own();
    const [first, second] = await outputsOf(world, account, 2);
    const [item] = await cases().save(account, id, [first!]);
    await fill(item!, 4_998);
    expect(await cases().save(account, id, [second!])).toHaveLength(1);
    const [third, fourth] = await outputsOf(world, account, 2);
    await cases().share(other.account, other.id, { account, access: 'WRITE' });
    const [elsewhere] = await cases().save(account, other.id, [fourth!]);
    const refusal = /^BAD_USER_INPUT: A workspace holds up to 5,000 items/;
    expect(await endOf(cases().save(account, id, [second!, third!]))).toMatch(refusal);
    expect(await endOf(cases().move(account, elsewhere!.id, id))).toMatch(refusal);
    expect(await other.items()).toEqual([elsewhere]);
    await cases().removeItem(account, item!.id);
    await cases().move(account, elsewhere!.id, id);
    expect((await items())[0]).toMatchObject({ id: elsewhere!.id });
  });

  /** As many more items like this one. */
  async function fill(item: Item, count: number): Promise<void> {
    const { removals, workspaces } = world.core;
    const items = Array.from({ length: count }, (_, n) => ({
      ...item,
      id: `item_${String(n).padStart(32, '0')}`,
      key: `${item.key}-${n}.png`,
      thumbnailKey: null,
      source: { ...item.source, index: n + 1_000 },
    }));
    for (let start = 0; start < count; start += 500) {
      const some = items.slice(start, start + 500);
      await removals.schedule(
        some.map(({ key }) => key),
        clock.now() + HOUR_MS,
      );
      await workspaces.save(some, 5_000);
    }
  }
});
