import { randomUUID } from 'node:crypto';
import type { App } from '../../src/app.js';
import type { Core } from '../../src/app/core.js';
import { epochOf, revisionOf, type Quota } from '../../src/domain/quota.js';
import type { GateView } from '../../src/gate.js';
import { LedgerUnavailable } from '../../src/ledger.js';
import { makeManualClock, type ManualClock } from '../world/clock.js';
import { eventually } from '../world/eventually.js';
import { delivered, failed } from '../world/puppet.js';
import { makeWorld, MODES, press, type World } from '../world/world.js';

const NOON = Date.UTC(2026, 2, 10, 12);

// Each wraps one port so that one step goes wrong, and looks at what is left.
describe.each(MODES)('when one step goes wrong, %s', (mode) => {
  let world: World;
  const disposals: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const dispose of disposals.splice(0)) await dispose();
  });

  async function begin(change: (core: Core) => Partial<Core> = () => ({}), clock?: ManualClock) {
    world = await makeWorld(mode, { change, ...(clock && { clock }) });
    disposals.push(() => world.dispose());
    return world;
  }

  async function accepted(app: App = world.app, request = press()): Promise<string> {
    const answer = await app.generate(world.account, request);
    if (answer.kind !== 'accepted') throw new Error(answer.kind);
    return answer.generation.id;
  }

  const view = (): Promise<GateView | null> => world.core.gate.inspect(world.account);

  async function expectGate(quota: Partial<Quota>): Promise<void> {
    await eventually(async () => {
      expect((await view())?.quota).toMatchObject(quota);
    });
  }

  /** A gate of the next epoch that lost all its takes, as if a reckoning had come between. */
  async function forgetTakes(): Promise<void> {
    const { gate, ledger, clock } = world.core;
    const before = await view();
    await ledger.markStale(world.account, clock.now());
    await ledger.clearStale(world.account, 2);
    const quota = {
      ...before!.quota,
      used: 0,
      held: 0,
      revision: revisionOf(epochOf(before!.quota.revision) + 1),
    };
    const state = { account: world.account, quota, holds: [], at: clock.now() };
    expect(await gate.put({ ...state, requestsMissed: false })).toBe(true);
  }

  it('should count a hold whose gate was reckoned anew between take and open', async () => {
    let interrupt = true;
    await begin((core) => ({
      gate: {
        ...core.gate,
        async take(taking) {
          const answer = await core.gate.take(taking);
          if (answer.kind === 'taken' && interrupt) {
            interrupt = false;
            await forgetTakes();
          }
          return answer;
        },
      },
    }));
    const id = await accepted();
    const now = await view();
    expect(now).toMatchObject({ quota: { used: 1, held: 1 }, holds: [{ generationId: id }] });
  });

  it('should count a hold whose gate was lost between take and open', async () => {
    let interrupt = true;
    await begin((core) => ({
      gate: {
        ...core.gate,
        async take(taking) {
          const answer = await core.gate.take(taking);
          if (answer.kind === 'taken' && interrupt) {
            interrupt = false;
            await world.loseGate();
            // Its ledger answer comes before this generation is opened.
            await (await world.another()).quota(world.account);
          }
          return answer;
        },
      },
    }));
    await accepted();
    await expectGate({ used: 1, held: 1 });
  });

  it('should give the take back and keep the request free when the ledger is away', async () => {
    let away = true;
    await begin((core) => ({
      ledger: {
        ...core.ledger,
        open: (opening) =>
          away
            ? Promise.reject(new LedgerUnavailable('The ledger does not answer now.'))
            : core.ledger.open(opening),
      },
    }));
    const request = press();
    await expect(world.app.generate(world.account, request)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      retryable: true,
      message: expect.stringContaining('nothing was started or charged') as string,
    });
    expect(await view()).toMatchObject({ quota: { used: 0, held: 0 }, holds: [] });
    away = false;
    await accepted(world.app, request);
    expect(await world.app.quota(world.account)).toMatchObject({ used: 1 });
  });

  it('should not dispatch what may have been committed, say so, and let a retry find it', async () => {
    await begin((core) => ({
      ledger: {
        ...core.ledger,
        async open(opening) {
          await core.ledger.open(opening);
          throw new LedgerUnavailable('The reply was lost.', { mayHaveCommitted: true });
        },
      },
    }));
    const request = press();
    await expect(world.app.generate(world.account, request)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('did not say whether') as string,
    });
    expect(world.provider.jobs).toEqual([]);
    const retry = await (await world.another()).generate(world.account, request);
    expect(retry).toMatchObject({ kind: 'accepted', replayed: true });
    expect((await view())?.quota).toMatchObject({ used: 1, held: 1 });
  });

  it('should settle once the ledger is back, and tell the gate when only the reply was lost', async () => {
    let outages = 3;
    await begin((core) => ({
      ledger: {
        ...core.ledger,
        async settle(settlement) {
          // The third time it is done, but the reply is lost.
          if (outages === 1) await core.ledger.settle(settlement);
          if (outages-- > 0) throw new LedgerUnavailable('The ledger does not answer now.');
          return core.ledger.settle(settlement);
        },
      },
    }));
    const id = await accepted();
    world.provider.end(id, failed);
    await expectGate({ used: 0, held: 0 });
    expect(await world.app.generation(world.account, id)).toMatchObject({ charge: 'RESTORED' });
  });

  it('should put the gate right when a settlement finds no take in it', async () => {
    await begin();
    const id = await accepted();
    await forgetTakes();
    world.provider.end(id, delivered());
    await expectGate({ used: 1, held: 0 });
  });

  it('should try again to put the gate right when the ledger was away for it', async () => {
    let away = false;
    await begin((core) => ({
      ledger: {
        ...core.ledger,
        reckon(reckoning) {
          if (!away) return core.ledger.reckon(reckoning);
          away = false;
          return Promise.reject(new LedgerUnavailable('The ledger does not answer now.'));
        },
      },
    }));
    const id = await accepted();
    await forgetTakes();
    away = true;
    world.provider.end(id, delivered());
    await expectGate({ used: 1, held: 0 });
    expect(away).toBe(false);
  });

  it('should have a grant in the gate when it is answered, also when somebody pressed meanwhile', async () => {
    let interrupt = false;
    await begin((core) => ({
      gate: {
        ...core.gate,
        async inspect(account) {
          const seen = await core.gate.inspect(account);
          if (interrupt) {
            interrupt = false;
            await world.app.generate(account, press());
          }
          return seen;
        },
      },
    }));
    await accepted();
    interrupt = true;
    const grant = { account: world.account, amount: 5, reason: 'x', operator: 'op' };
    await world.app.grantGenerations(grant);
    expect((await view())?.quota).toMatchObject({ granted: 5, used: 2, held: 2 });
  });

  it('should show a generation as it is now, however slow the first look at it was', async () => {
    let arrive = (): void => undefined;
    const arrived = new Promise<void>((resolve) => (arrive = resolve));
    let slow = false;
    await begin((core) => ({
      ledger: {
        ...core.ledger,
        async find(account, id) {
          const delayed = slow;
          slow = false;
          const found = await core.ledger.find(account, id);
          if (delayed) await arrived;
          return found;
        },
      },
    }));
    const id = await accepted();
    slow = true;
    const watching = world.app.watchGenerations(world.account, id);
    await eventually(() => {
      expect(slow).toBe(false);
    });
    world.provider.end(id, delivered());
    await eventually(async () => {
      expect(await world.app.generation(world.account, id)).toMatchObject({ status: 'SUCCEEDED' });
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    arrive();
    const shown = await watching;
    let last = (await shown.next()).value as { status: string };
    if (last.status !== 'SUCCEEDED') last = (await shown.next()).value as { status: string };
    expect(last.status).toBe('SUCCEEDED');
    await shown.return?.();
  });

  it('should keep a take that may be on its way to the ledger while the gate is put right', async () => {
    await begin();
    await world.app.quota(world.account);
    const { gate, clock } = world.core;
    const [generationId, requestKey] = [randomUUID(), randomUUID()];
    const at = clock.now();
    await gate.take({ account: world.account, generationId, requestKey, units: 1, at });
    const grant = { account: world.account, amount: 5, reason: 'x', operator: 'op' };
    expect(await world.app.grantGenerations(grant)).toMatchObject({ used: 1, granted: 5 });
    expect(await view()).toMatchObject({ quota: { used: 1 }, holds: [{ generationId }] });
  });

  it('should heal a marked account by itself', async () => {
    await begin();
    await accepted();
    await forgetTakes();
    await world.core.ledger.markStale(world.account, world.core.clock.now());
    world.app.start();
    await expectGate({ used: 1, held: 1 });
    await eventually(async () => {
      expect(await world.core.ledger.stale(10, null)).toEqual([]);
    });
  });

  it('should show no screen a revision the gate never reaches, at a reset seen by several gateways', async () => {
    const clock = makeManualClock(NOON);
    await begin(undefined, clock);
    const startedAt = Date.UTC(2026, 1, 10, 12, 0, 10);
    const terms = { plan: 'core', startedAt, billingCycle: 'MONTHLY', timeZone: 'UTC' } as const;
    await world.app.putSubscription({ ...terms, account: world.account, immediately: false });
    const apps = [world.app, await world.another(), await world.another()];
    const last: Quota[] = [];
    for (const [i, app] of apps.entries()) {
      const quotas = await app.watchQuota(world.account);
      void (async () => {
        for await (const quota of quotas) last[i] = quota;
      })();
    }
    clock.advance(10_000);
    await eventually(() => {
      expect(last.map(({ period }) => period.index)).toEqual([1, 1, 1]);
    });
    await accepted();
    await eventually(async () => {
      const now = await world.app.quota(world.account);
      expect(now).toMatchObject({ used: 1 });
      expect(last).toEqual([now, now, now]);
    });
  });
});
