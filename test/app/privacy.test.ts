import { randomUUID } from 'node:crypto';
import type { ArchiveEntry } from '../../src/app.js';
import type { Generation } from '../../src/domain/generation.js';
import { eventually } from '../world/eventually.js';
import { recordingLog } from '../world/log.js';
import { delivered, failed } from '../world/puppet.js';
import { makeWorld, MODES, press, type World } from '../world/world.js';

describe.each(MODES)('privacy, %s', (mode) => {
  let world: World;
  const log = recordingLog();
  beforeEach(async () => {
    world = await makeWorld(mode, { change: () => ({ log }) });
    world.provider.always(delivered());
  });
  afterEach(() => world.dispose());

  async function made(requestId = randomUUID(), prompt = 'a secret garden'): Promise<Generation> {
    const answer = await world.app.generate(world.account, press(requestId, { prompt }));
    if (answer.kind !== 'accepted') throw new Error(answer.kind);
    return eventually(async () => {
      const found = await world.app.generation(world.account, answer.generation.id);
      expect(found?.finishedAt).not.toBeNull();
      return found!;
    });
  }

  const keysOf = ({ outputs }: Generation) =>
    outputs.flatMap(({ key, thumbnailKey }) => [key, thumbnailKey!]);

  async function expectGone(keys: readonly string[]): Promise<void> {
    world.app.start();
    await eventually(async () => {
      expect(await Promise.all(keys.map((key) => world.core.assets.size(key)))).toEqual(
        keys.map(() => null),
      );
      expect(await world.core.removals.due(Date.now() + 1e9, 10)).toEqual([]);
    });
  }

  it('should delete what was made, its files included, and keep what was counted', async () => {
    const requestId = randomUUID();
    const generation = await made(requestId);
    const keys = keysOf(generation);
    expect(await Promise.all(keys.map((key) => world.core.assets.size(key)))).not.toContain(null);
    await world.app.deleteGeneration(world.account, generation.id);

    expect(await world.app.generation(world.account, generation.id)).toBeNull();
    expect(await world.app.generations(world.account, 10, null, {})).toMatchObject({
      generations: [],
    });
    expect(
      (await world.app.generations(world.account, 10, null, { text: 'garden' })).generations,
    ).toEqual([]);
    expect(await world.app.quota(world.account)).toMatchObject({ used: 1 });
    expect(await world.app.entries(world.account, [generation.id])).toHaveLength(2);
    expect(JSON.stringify(await world.core.ledger.locate(generation.id))).not.toContain('secret');
    await expectGone(keys);
  });

  it('should not charge again when the request of a deleted generation is sent again', async () => {
    const requestId = randomUUID();
    const generation = await made(requestId);
    await world.app.deleteGeneration(world.account, generation.id);
    await expect(
      world.app.generate(world.account, press(requestId, { prompt: 'a secret garden' })),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await world.app.quota(world.account)).toMatchObject({ used: 1 });
    expect(world.provider.jobs).toHaveLength(1);
  });

  it('should answer a replay whose inputs were deleted since', async () => {
    const input = await made();
    const requestId = randomUUID();
    const edit = press(requestId, { action: 'image.edit', inputs: [`${input.id}.0`] });
    const first = await world.app.generate(world.account, edit);
    await world.app.deleteGeneration(world.account, input.id);
    expect(await world.app.generate(world.account, edit)).toMatchObject({
      replayed: true,
      generation: { id: 'generation' in first ? first.generation.id : '' },
    });
    const other = { ...edit, requestId: randomUUID() };
    await expect(world.app.generate(world.account, other)).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
    });
  });

  it('should cancel what is open before it is deleted', async () => {
    world.provider.always(null);
    const answer = await world.app.generate(world.account, press());
    if (answer.kind !== 'accepted') throw new Error(answer.kind);
    const { id } = answer.generation;
    await world.app.deleteGeneration(world.account, id);
    expect(await world.app.quota(world.account)).toMatchObject({ used: 0, held: 0 });
    world.provider.end(id, delivered());
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await world.app.generation(world.account, id)).toBeNull();
  });

  it('should delete nothing of anybody else', async () => {
    const generation = await made();
    await expect(world.app.deleteGeneration('somebody-else', generation.id)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await world.app.deleteGeneration(world.account, generation.id);
    await expect(world.app.deleteGeneration(world.account, generation.id)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  async function archived(account: string): Promise<Map<string, Buffer>> {
    const files = new Map<string, Buffer>();
    for await (const { name, content } of world.app.archive(
      account,
    ) as AsyncIterable<ArchiveEntry>) {
      if (Buffer.isBuffer(content)) files.set(name, content);
      else {
        const stream = await content();
        if (!stream) throw new Error(`${name} is gone`);
        files.set(name, Buffer.concat(await stream.toArray()));
      }
    }
    return files;
  }

  it('should export everything that is kept, files included, and nothing of others', async () => {
    const generation = await made();
    const workspace = await world.app.workspaces.create(world.account, randomUUID(), 'Best');
    await world.app.workspaces.save(world.account, workspace.workspace.id, [`${generation.id}.0`]);
    await world.app.generate('somebody-else', press(randomUUID(), { prompt: 'not mine' }));

    const files = await archived(world.account);
    const names = [...files.keys()];
    expect(names).toContain('account.json');
    const history = JSON.parse(String(files.get('generations/00001.json'))) as Record<
      string,
      never
    >[];
    expect(history).toMatchObject([
      {
        id: generation.id,
        prompt: 'a secret garden',
        entries: [{ kind: 'HOLD' }, { kind: 'POST' }],
      },
    ]);
    const media = names.filter((name) => name.endsWith('.png'));
    expect(media).toHaveLength(2);
    for (const name of media)
      expect(files.get(name)?.byteLength).toBe(generation.outputs[0]?.bytes);
    expect([...files.values()].join()).not.toContain('not mine');
  });

  it('should take a person out and leave a ledger that adds up', async () => {
    const generation = await made();
    world.provider.always(failed);
    await made();
    world.provider.always(null);
    const open = await world.app.generate(world.account, press());
    const openId = 'generation' in open ? open.generation.id : '';
    const { workspace } = await world.app.workspaces.create(world.account, randomUUID(), 'Mine');
    const [item] = await world.app.workspaces.save(world.account, workspace.id, [
      `${generation.id}.0`,
    ]);
    const keys = [...keysOf(generation), item!.key];

    expect(await world.app.deleteAccount('support', world.account, 'asked to')).toEqual({
      done: true,
    });
    world.provider.end(openId, delivered());

    expect(await world.core.ledger.subscription(world.account)).toBeNull();
    expect(await world.core.gate.inspect(world.account)).toBeNull();
    expect(await world.core.history.list(world.account, 10, null, {})).toEqual([]);
    const skeleton = await world.core.ledger.locate(generation.id);
    expect(skeleton).toMatchObject({ charge: 'POSTED', units: 1, prompt: null });
    expect(skeleton?.account).toMatch(/^deleted-/);
    const entries = await world.core.ledger.entries(skeleton!.account, [generation.id, openId]);
    expect(entries.map(({ kind }) => kind).sort()).toEqual(['HOLD', 'HOLD', 'POST', 'RESTORE']);
    expect(JSON.stringify([skeleton, entries])).not.toContain(world.account);
    await expectGone(keys);
    await expect(world.app.deleteAccount('support', world.account, 'again')).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('should go on with a deletion that was cut short, in any process', async () => {
    await made();
    const { account } = world;
    const deletion = { account, alias: `deleted-${randomUUID()}`, operator: 'support' };
    const begun = await world.core.erasure.begin({
      ...deletion,
      reason: 'asked to',
      at: Date.now(),
    });
    expect(begun).toMatchObject(deletion);
    // Nothing is admitted from then on.
    await expect(world.app.generate(account, press())).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(
      world.app.free.enhance(account, { requestId: randomUUID(), prompt: 'a', settings: null }),
    ).rejects.toMatchObject({ code: 'FORBIDDEN' });
    (await world.another()).start();
    await eventually(async () => {
      expect(await world.core.erasure.unfinished(10)).toEqual([]);
    });
    expect(await world.core.ledger.subscription(account)).toBeNull();
  });

  it('should let the same person begin anew, as somebody never seen before', async () => {
    await made();
    await world.app.deleteAccount('support', world.account, 'asked to');
    expect(await world.app.quota(world.account)).toMatchObject({ used: 0, limit: 10 });
    await made();
    expect(await world.app.quota(world.account)).toMatchObject({ used: 1 });
  });

  it('should say nothing about prompts or accounts in the log', async () => {
    await made(randomUUID(), 'a prompt nobody else may read');
    world.provider.always(failed);
    await made(randomUUID(), 'a prompt nobody else may read');
    const faulty = world.core.providers.get('sketch')!;
    faulty.dispatch = () => Promise.reject(new Error('broken'));
    await made(randomUUID(), 'a prompt nobody else may read');
    expect(JSON.stringify(log.lines)).not.toContain('nobody else may read');
  });
});
