import { randomUUID } from 'node:crypto';
import type { GenerateAnswer } from '../../src/app.js';
import { revisionOf } from '../../src/domain/quota.js';
import { eventually } from '../world/eventually.js';
import { delivered } from '../world/puppet.js';
import { makeWorld, MODES, press, type World } from '../world/world.js';

describe.each(MODES)('admission, %s', (mode) => {
  let world: World;
  beforeEach(async () => {
    world = await makeWorld(mode);
  });
  afterEach(() => world.dispose());

  async function ledgerUsed(): Promise<number> {
    const page = await world.app.generations(world.account, 1_000, null, {});
    return page.generations
      .filter(({ charge }) => charge === 'HELD' || charge === 'POSTED')
      .reduce((sum, { units }) => sum + units, 0);
  }

  async function gateUsed(): Promise<number | undefined> {
    return (await world.core.gate.inspect(world.account))?.quota.used;
  }

  /** Presses spread over three gateways, so that the gate and the ledger decide, not what one process remembers. */
  async function pressEverywhere(count: number, request = press): Promise<GenerateAnswer[]> {
    const apps = [world.app, await world.another(), await world.another()];
    const presses = Array.from({ length: count }, (_, i) =>
      apps[i % apps.length]!.generate(world.account, request()),
    );
    return Promise.all(presses);
  }

  it('should accept exactly 10 of 1,000 concurrent requests of a Core account', async () => {
    const { app, account } = world;
    const answers = await pressEverywhere(1_000);
    const accepted = answers.filter(({ kind }) => kind === 'accepted');
    const refused = answers.filter(({ kind }) => kind === 'exhausted');
    expect([accepted.length, refused.length]).toEqual([10, 990]);
    expect(await ledgerUsed()).toBe(10);
    expect(await gateUsed()).toBe(10);
    expect(await app.quota(account)).toMatchObject({ used: 10, held: 10, limit: 10 });
    // A refused request leaves no trace.
    expect((await app.generations(account, 1_000, null, {})).generations).toHaveLength(10);
  });

  it('should make one generation and one charge of 200 concurrent calls with one requestId', async () => {
    const request = press();
    const answers = await pressEverywhere(200, () => request);
    const ids = new Set(answers.map((answer) => 'generation' in answer && answer.generation.id));
    expect(ids.size).toBe(1);
    expect(answers.filter((answer) => 'replayed' in answer && answer.replayed)).toHaveLength(199);
    expect(await ledgerUsed()).toBe(1);
    expect(await gateUsed()).toBe(1);
  });

  it('should refuse the same requestId with other content', async () => {
    const { app, account } = world;
    const request = press();
    await app.generate(account, request);
    const changes = [
      { prompt: 'another' },
      { outputCount: 2 },
      { settings: { a: 1 } },
      { action: 'image.edit' },
    ];
    for (const change of changes) {
      await expect(app.generate(account, { ...request, ...change })).rejects.toMatchObject({
        code: 'IDEMPOTENCY_MISMATCH',
      });
    }
    expect(await gateUsed()).toBe(1);
  });

  it('should tell concurrent calls with one requestId and other content apart', async () => {
    const { app, account } = world;
    const requestId = randomUUID();
    const other = await world.another();
    const answers = await Promise.allSettled([
      app.generate(account, press(requestId)),
      app.generate(account, press(requestId, { prompt: 'second' })),
      other.generate(account, press(requestId, { prompt: 'third' })),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
    ]);
    expect(await gateUsed()).toBe(1);
  });

  it('should answer a replay with its generation at zero remaining, also after the gate was lost', async () => {
    const { app, account } = world;
    const first = press();
    const original = await app.generate(account, first);
    for (let i = 0; i < 9; i++) await app.generate(account, press());
    expect((await app.generate(account, press())).kind).toBe('exhausted');
    const replays = [await app.generate(account, first)];
    await world.loseGate();
    replays.push(await app.generate(account, first));
    for (const replay of replays) {
      expect(replay).toMatchObject({ kind: 'accepted', replayed: true });
      expect('generation' in replay && replay.generation.id).toBe(
        'generation' in original && original.generation.id,
      );
    }
    expect((await app.generate(account, press())).kind).toBe('exhausted');
    expect(await gateUsed()).toBe(10);
  });

  it('should let the ledger refuse what the gate allowed, and set the gate right', async () => {
    const { app, account, core } = world;
    for (let i = 0; i < 10; i++) await app.generate(account, press());
    const state = await core.gate.inspect(account);
    const wrong = { ...state!.quota, used: 3, revision: revisionOf(1_000) };
    await core.gate.put({
      account,
      quota: wrong,
      holds: [],
      at: core.clock.now(),
      requestsMissed: false,
    });
    expect((await app.generate(account, press())).kind).toBe('exhausted');
    expect(await ledgerUsed()).toBe(10);
  });

  it('should never refuse an unlimited plan for quota, and still count', async () => {
    const { app, account } = world;
    await app.changePlan(account, 'ultimate');
    world.provider.always(delivered());
    const answers = await Promise.all(
      Array.from({ length: 300 }, () => app.generate(account, press())),
    );
    expect(answers.every(({ kind }) => kind === 'accepted')).toBe(true);
    expect(await app.quota(account)).toMatchObject({ limit: null, used: 300 });
  });

  it('should admit an action that costs nothing at zero remaining, charge FREE', async () => {
    const { core } = world;
    const [rule] = core.catalog.rules;
    const generous = { ...rule!, costs: { 'image.edit': 0 } };
    const free = await makeWorld(mode, {
      change: () => ({ catalog: { ...core.catalog, rules: [generous] } }),
    });
    for (let i = 0; i < 10; i++) await free.app.generate(free.account, press());
    const answer = await free.app.generate(
      free.account,
      press(undefined, { action: 'image.edit' }),
    );
    expect(answer).toMatchObject({ kind: 'accepted', generation: { charge: 'FREE', units: 0 } });
    expect(await free.app.quota(free.account)).toMatchObject({ used: 10 });
    await free.dispose();
  });

  it('should name the known actions for an unknown one, and the field that serves a free one', async () => {
    const { app, account } = world;
    await expect(app.generate(account, press(undefined, { action: 'x' }))).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      message: expect.stringContaining('image.generate') as string,
    });
    await expect(
      app.generate(account, press(undefined, { action: 'image.crop' })),
    ).rejects.toMatchObject({ message: expect.stringContaining('cropImage') as string });
  });

  it('should take inputs that are outputs of this account only', async () => {
    const { app, account, provider } = world;
    provider.always(delivered(2));
    const made = await app.generate(account, press(undefined, { outputCount: 2 }));
    const id = 'generation' in made ? made.generation.id : '';
    await eventually(async () => {
      expect((await app.generation(account, id))?.outputs).toHaveLength(2);
    });
    const edit = (...inputs: string[]) => press(undefined, { action: 'image.edit', inputs });
    expect((await app.generate(account, edit(`${id}.0`, `${id}.1`))).kind).toBe('accepted');
    for (const wrong of [`${id}.2`, id, 'nope', '../../etc/passwd.0', `${randomUUID()}.0`]) {
      await expect(app.generate(account, edit(`${id}.0`, wrong))).rejects.toMatchObject({
        code: 'BAD_USER_INPUT',
      });
    }
    await expect(app.generate('somebody-else', edit(`${id}.0`))).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
    });
    expect(await app.quota(account)).toMatchObject({ used: 2 });
  });

  it('should refuse an account without a subscription when no plan is given by default', async () => {
    const strict = await makeWorld(mode, { change: () => ({ defaultPlan: null }) });
    await expect(strict.app.generate(strict.account, press())).rejects.toMatchObject({
      code: 'NO_SUBSCRIPTION',
    });
    await strict.dispose();
  });
});
