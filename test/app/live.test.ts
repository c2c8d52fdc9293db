import type { Quota } from '../../src/domain/quota.js';
import { makeManualClock, type ManualClock } from '../world/clock.js';
import { eventually } from '../world/eventually.js';
import { delivered, failed } from '../world/puppet.js';
import { makeWorld, MODES, press, type World } from '../world/world.js';

const NOON = Date.UTC(2026, 2, 10, 12);

describe.each(MODES)('live quota, %s', (mode) => {
  let clock: ManualClock;
  let world: World;
  beforeEach(async () => {
    clock = makeManualClock(NOON);
    world = await makeWorld(mode, { clock });
  });
  afterEach(() => world.dispose());

  /** A screen that keeps everything it was shown. */
  async function screen(): Promise<{ shown: Quota[]; close: () => Promise<unknown> }> {
    const quotas = await world.app.watchQuota(world.account);
    const shown: Quota[] = [];
    const reading = (async () => {
      for await (const quota of quotas) shown.push(quota);
    })();
    return { shown, close: () => Promise.all([quotas.return?.(), reading]) };
  }

  async function lastShown(shown: Quota[], expected: Partial<Quota>): Promise<void> {
    await eventually(() => {
      expect(shown.at(-1)).toMatchObject(expected);
    });
  }

  async function generate(): Promise<string> {
    const answer = await world.app.generate(world.account, press());
    if (answer.kind !== 'accepted') throw new Error('not accepted');
    return answer.generation.id;
  }

  it('should show the present value first, then every kind of change, on every screen', async () => {
    await generate();
    const screens = [await screen(), await screen()];
    const [{ shown }] = screens as [(typeof screens)[0]];
    await lastShown(shown, { used: 1, held: 1 });
    const second = await generate();
    await lastShown(shown, { used: 2, held: 2 });
    world.provider.end(second, failed);
    await lastShown(shown, { used: 1, held: 1 });
    world.provider.end(world.provider.jobs[0]!.id, delivered());
    await lastShown(shown, { used: 1, held: 0 });
    await world.app.grantGenerations({
      account: world.account,
      amount: 5,
      reason: 'sorry',
      operator: 'op',
    });
    await lastShown(shown, { granted: 5, used: 1 });
    await world.app.changePlan(world.account, 'plus');
    await lastShown(shown, { plan: 'plus', limit: 100, granted: 5, used: 1 });
    await world.app.restoreGeneration('op', world.provider.jobs[0]!.id, 'blank');
    await lastShown(shown, { used: 0 });
    for (const { shown: all } of screens) {
      const revisions = all.map(({ revision }) => revision);
      expect(revisions).toEqual([...new Set(revisions)].sort((a, b) => a - b));
      expect(all.at(-1)).toEqual(await world.app.quota(world.account));
    }
    await Promise.all(screens.map(({ close }) => close()));
  });

  it('should push the reset when it happens, without any request', async () => {
    await world.app.putSubscription({
      account: world.account,
      plan: 'core',
      startedAt: Date.UTC(2026, 0, 31, 12),
      billingCycle: 'ANNUAL',
      timeZone: 'UTC',
      immediately: false,
    });
    await generate();
    const { shown, close } = await screen();
    await lastShown(shown, { used: 1, periodEnd: Date.UTC(2026, 2, 31, 12) });
    clock.advance(Date.UTC(2026, 2, 31, 12) - NOON);
    await lastShown(shown, { used: 0, held: 0, periodEnd: Date.UTC(2026, 3, 30, 12) });
    clock.advance(Date.UTC(2026, 3, 30, 12) - clock.now());
    await lastShown(shown, { periodEnd: Date.UTC(2026, 4, 31, 12) });
    await close();
  });

  it('should push a plan’s new limit on its effective date, and a waiting downgrade at the reset', async () => {
    const { plans, ...rest } = world.core.catalog;
    const from = NOON + 60_000;
    const raised = plans.map((plan) =>
      plan.id === 'plus'
        ? { ...plan, versions: [...plan.versions, { effectiveFrom: from, limit: 120 }] }
        : plan,
    );
    await world.dispose();
    world = await makeWorld(mode, {
      clock,
      change: () => ({ catalog: { ...rest, plans: raised } }),
    });
    await world.app.changePlan(world.account, 'plus');
    await generate();
    const { shown, close } = await screen();
    await lastShown(shown, { limit: 100, used: 1 });
    clock.advance(60_000);
    await lastShown(shown, { limit: 120, used: 1 });
    const waiting = await world.app.changePlan(world.account, 'core');
    expect(waiting).toMatchObject({ plan: 'plus', pending: { plan: 'core' } });
    await lastShown(shown, { pending: { plan: 'core', at: waiting.periodEnd } });
    clock.advance(waiting.periodEnd - clock.now());
    await lastShown(shown, { plan: 'core', limit: 10, used: 0, pending: null });
    await close();
  });

  it('should show a generation from its present state to its end', async () => {
    const id = await generate();
    const one = await world.app.watchGenerations(world.account, id);
    const all = await world.app.watchGenerations(world.account, null);
    expect((await one.next()).value).toMatchObject({ id, status: 'RUNNING' });
    world.provider.end(id, delivered());
    const end = await eventually(async () => {
      const { value } = (await one.next()) as { value: { status: string; outputs: unknown[] } };
      expect(value.status).toBe('SUCCEEDED');
      return value;
    });
    expect(end.outputs).toHaveLength(1);
    expect((await all.next()).value).toMatchObject({ id });
    await Promise.all([one.return?.(), all.return?.()]);
  });

  it('should answer a generation of another account like one that does not exist', async () => {
    const id = await generate();
    for (const [account, asked] of [
      ['somebody-else', id],
      [world.account, 'nothing'],
    ] as const) {
      await expect(world.app.watchGenerations(account, asked)).rejects.toMatchObject({
        code: 'NOT_FOUND',
      });
    }
  });

  it('should fail a subscription of an account without a plan with a typed fault', async () => {
    const strict = await makeWorld(mode, { clock, change: () => ({ defaultPlan: null }) });
    await expect(strict.app.watchQuota('nobody')).rejects.toMatchObject({
      code: 'NO_SUBSCRIPTION',
    });
    await strict.dispose();
  });
});
