import { randomUUID } from 'node:crypto';
import type { GenerateRequest } from '../../src/app.js';
import type { Generation } from '../../src/domain/generation.js';
import { makeManualClock, type ManualClock } from '../world/clock.js';
import { eventually } from '../world/eventually.js';
import { blocked, delivered, failed } from '../world/puppet.js';
import { makeWorld, MODES, press, type World } from '../world/world.js';

const DAY_MS = 24 * 60 * 60 * 1000;

describe.each(MODES)('history, %s', (mode) => {
  let world: World;
  let clock: ManualClock;
  beforeEach(async () => {
    clock = makeManualClock(Date.parse('2026-06-15T12:00:00Z'));
    world = await makeWorld(mode, { clock });
    world.provider.always(delivered());
  });
  afterEach(() => world.dispose());

  async function ended(id: string): Promise<Generation> {
    return eventually(async () => {
      const found = await world.app.generation(world.account, id);
      expect(found?.finishedAt).not.toBeNull();
      return found!;
    });
  }

  async function made(changes: Partial<GenerateRequest> = {}): Promise<Generation> {
    const answer = await world.app.generate(world.account, press(randomUUID(), changes));
    if (answer.kind !== 'accepted') throw new Error(answer.kind);
    return ended(answer.generation.id);
  }

  const pageOf = async (query: Parameters<World['app']['generations']>[3]) =>
    (await world.app.generations(world.account, 50, null, query)).generations.map(({ id }) => id);

  it('should find by action, kind, status, date and words, alone and together', async () => {
    await world.app.changePlan(world.account, 'plus');
    const boat = await made({ prompt: 'A red Boat at dawn' });
    clock.advance(DAY_MS);
    const frame = await made({ action: 'frame.start.generate', prompt: 'a boat, moving' });
    world.provider.always(failed);
    clock.advance(DAY_MS);
    const none = await made({ prompt: 'a red fox' });

    expect(await pageOf({})).toEqual([none.id, frame.id, boat.id]);
    expect(await pageOf({ action: 'frame.start.generate' })).toEqual([frame.id]);
    expect(await pageOf({ kind: 'image' })).toEqual([none.id, boat.id]);
    expect(await pageOf({ status: 'FAILED' })).toEqual([none.id]);
    expect(await pageOf({ from: frame.createdAt })).toEqual([none.id, frame.id]);
    expect(await pageOf({ to: frame.createdAt })).toEqual([boat.id]);
    expect(await pageOf({ text: 'BOAT' })).toEqual([frame.id, boat.id]);
    expect(await pageOf({ text: 'red boat' })).toEqual([boat.id]);
    expect(await pageOf({ kind: 'image', text: 'red', status: 'SUCCEEDED' })).toEqual([boat.id]);
    expect(await pageOf({ text: 'submarine' })).toEqual([]);
    await expect(pageOf({ text: ' …! ' })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    await expect(pageOf({ workspace: 'ws_none' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('should show each generation once while new ones arrive between two pages', async () => {
    await world.app.changePlan(world.account, 'plus');
    const before: string[] = [];
    for (let count = 0; count < 7; count += 1) before.unshift((await made()).id);
    const seen: string[] = [];
    for (let after: string | null = null; ;) {
      const page = await world.app.generations(world.account, 3, after, {});
      seen.push(...page.generations.map(({ id }) => id));
      after = seen.at(-1) ?? null;
      await made();
      if (!page.hasNextPage) break;
    }
    expect(seen).toEqual(before);
  });

  it('should refine: what is left out is as it was, and the two are linked', async () => {
    const first = await made({ prompt: 'a fox', settings: { size: '256x256' }, outputCount: 2 });
    const answer = await world.app.refine(world.account, {
      requestId: randomUUID(),
      generation: first.id,
      prompt: 'a fox at night',
    });
    if (answer.kind !== 'accepted') throw new Error(answer.kind);
    expect(answer.generation).toMatchObject({
      action: 'image.generate',
      prompt: 'a fox at night',
      settings: { size: '256x256' },
      outputCount: 2,
      parent: first.id,
    });
    await ended(answer.generation.id);
    expect(await pageOf({ parent: first.id })).toEqual([answer.generation.id]);
    expect(await world.app.quota(world.account)).toMatchObject({ used: 2 });
  });

  it('should refine once per request id, and tell parents apart', async () => {
    const [first, second] = [await made(), await made()];
    const requestId = randomUUID();
    const refine = (generation: string) =>
      world.app.refine(world.account, { requestId, generation });
    expect(await refine(first.id)).toMatchObject({ replayed: false });
    expect(await refine(first.id)).toMatchObject({ replayed: true });
    await expect(refine(second.id)).rejects.toMatchObject({ code: 'IDEMPOTENCY_MISMATCH' });
    await expect(
      world.app.refine('somebody-else', { requestId, generation: first.id }),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('should explain what was counted and what came back', async () => {
    const good = await made();
    world.provider.always(blocked);
    const bad = await made();
    const explained = await world.app.explainCharge(world.account, good.id);
    expect(explained).toMatchObject({
      summary: 'Counted 1: delivered 1 of 1.',
      period: { used: 1, limit: 10 },
    });
    expect((await world.app.explainCharge(world.account, bad.id)).summary).toBe(
      'Gave you 1 back: blocked by moderation.',
    );
    await expect(world.app.explainCharge('somebody-else', good.id)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('should count by day and action, in the present period and those before it', async () => {
    await world.app.putSubscription({
      account: world.account,
      plan: 'core',
      startedAt: Date.parse('2026-05-20T00:00:00Z'),
      billingCycle: 'MONTHLY',
      timeZone: 'Pacific/Auckland',
      immediately: false,
    });
    await made();
    world.provider.always(blocked);
    const gone = await made({ action: 'video.generate' });
    await world.app.deleteGeneration(world.account, gone.id);
    clock.advance(10 * DAY_MS);
    world.provider.always(delivered());
    await made();

    const [present, past, ...none] = await world.app.usage(world.account, 5);
    expect(none).toEqual([]);
    // 12:00 UTC is after midnight in Auckland.
    expect(present).toMatchObject({
      used: 1,
      restored: 0,
      days: [
        { date: '2026-06-26', actions: [{ action: 'image.generate', generations: 1, units: 1 }] },
      ],
    });
    expect(past).toMatchObject({
      limit: 10,
      used: 1,
      restored: 1,
      days: [
        {
          date: '2026-06-16',
          actions: [
            { action: 'image.generate', generations: 1, units: 1, restored: 0 },
            { action: 'video.generate', generations: 1, units: 0, restored: 1 },
          ],
        },
      ],
    });
    expect(past?.endsAt).toBe(present?.startsAt);
  });

  it('should show the period of an account that has not pressed yet', async () => {
    expect(await world.app.usage(world.account, 3)).toMatchObject([
      { used: 0, limit: 10, days: [] },
    ]);
  });
});
