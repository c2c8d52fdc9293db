import type { Generation } from '../../src/domain/generation.js';
import type { Outcome } from '../../src/provider.js';
import { makeManualClock, type ManualClock } from '../world/clock.js';
import { eventually } from '../world/eventually.js';
import { blocked, delivered, failed } from '../world/puppet.js';
import { makeWorld, MODES, press, type World } from '../world/world.js';

const NOON = Date.UTC(2026, 2, 10, 12);

describe.each(MODES)('how a generation ends, %s', (mode) => {
  let clock: ManualClock;
  let world: World;
  beforeEach(async () => {
    clock = makeManualClock(NOON);
    world = await makeWorld(mode, { clock });
  });
  afterEach(() => world.dispose());

  async function begin(changes = {}): Promise<Generation> {
    const answer = await world.app.generate(world.account, press(undefined, changes));
    if (answer.kind !== 'accepted') throw new Error('not accepted');
    await eventually(() => {
      expect(world.provider.jobs.some(({ id }) => id === answer.generation.id)).toBe(true);
    });
    return answer.generation;
  }

  async function ended(id: string): Promise<Generation> {
    return eventually(async () => {
      const generation = await world.app.generation(world.account, id);
      if (!generation?.finishedAt) throw new Error(`${id} is still open`);
      return generation;
    });
  }

  async function run(outcome: Outcome, changes = {}): Promise<Generation> {
    const { id } = await begin(changes);
    world.provider.end(id, outcome);
    return ended(id);
  }

  async function kinds(id: string): Promise<string[]> {
    const entries = await world.app.entries(world.account, [id]);
    return entries.map(({ kind }) => kind).sort();
  }

  /** Gate and ledger agree on what is used. */
  async function expectUsed(used: number, held = 0): Promise<void> {
    await eventually(async () => {
      expect(await world.app.quota(world.account)).toMatchObject({ used, held });
    });
  }

  it('should post what is delivered', async () => {
    const generation = await run(delivered());
    expect(generation).toMatchObject({ status: 'SUCCEEDED', charge: 'POSTED', units: 1 });
    expect(generation.outputs).toHaveLength(1);
    expect(await kinds(generation.id)).toEqual(['HOLD', 'POST']);
    await expectUsed(1);
  });

  it('should count three outputs as one, and a partly blocked one too', async () => {
    const three = await run(delivered(3), { outputCount: 3 });
    expect(three.outputs).toHaveLength(3);
    const partly = await run(delivered(1), { outputCount: 3 });
    expect(partly).toMatchObject({ charge: 'POSTED', units: 1 });
    await expectUsed(2);
  });

  it.each([
    ['failed', failed, 'FAILED', 'PROVIDER_FAILED'],
    ['blocked', blocked, 'BLOCKED', 'BLOCKED'],
  ] as const)('should restore what %s, once', async (_, outcome, status, code) => {
    const generation = await run(outcome);
    expect(generation).toMatchObject({ status, charge: 'RESTORED', failure: { code } });
    expect(await kinds(generation.id)).toEqual(['HOLD', 'RESTORE']);
    await expectUsed(0);
  });

  it('should restore what a fault of the provider broke', async () => {
    const faulty = { name: 'sketch', dispatch: () => Promise.reject(new Error('bug')) };
    const broken = await makeWorld(mode, {
      clock,
      change: () => ({ providers: new Map([['sketch', faulty]]) }),
    });
    const answer = await broken.app.generate(broken.account, press());
    const id = 'generation' in answer ? answer.generation.id : '';
    await eventually(async () => {
      expect(await broken.app.generation(broken.account, id)).toMatchObject({ status: 'FAILED' });
    });
    await broken.dispose();
  });

  it('should restore what hangs past its deadline, and write off a success that comes later', async () => {
    const { id } = await begin();
    clock.advance(599_999);
    expect(await world.app.generation(world.account, id)).toMatchObject({ status: 'RUNNING' });
    clock.advance(1);
    const expired = await ended(id);
    expect(expired).toMatchObject({ status: 'EXPIRED', charge: 'RESTORED' });
    expect(expired.failure).toMatchObject({ code: 'TIMED_OUT', retryable: true });
    await expectUsed(0);

    world.provider.end(id, delivered());
    await eventually(async () => {
      expect(await world.app.generation(world.account, id)).toMatchObject({
        status: 'SUCCEEDED',
        charge: 'RESTORED',
        outputs: [{ contentType: 'image/png' }],
      });
    });
    expect(await kinds(id)).toEqual(['HOLD', 'RESTORE', 'WRITE_OFF']);
    await expectUsed(0);
  });

  it('should restore what is cancelled, once, and keep it cancelled when a success comes later', async () => {
    const { id } = await begin();
    const cancels = await Promise.all([1, 2, 3].map(() => world.app.cancel(world.account, id)));
    expect(new Set(cancels.map(({ status }) => status))).toEqual(new Set(['CANCELLED']));
    world.provider.end(id, delivered());
    await expectUsed(0);
    expect(await kinds(id)).toEqual(['HOLD', 'RESTORE']);
    expect(await world.app.generation(world.account, id)).toMatchObject({
      status: 'CANCELLED',
      outputs: [],
    });
  });

  it('should answer the cancel of an ended one with what it is, and not know that of another account', async () => {
    const generation = await run(delivered());
    expect(await world.app.cancel(world.account, generation.id)).toMatchObject({
      status: 'SUCCEEDED',
      charge: 'POSTED',
    });
    await expect(world.app.cancel('somebody-else', generation.id)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it.each([
    ['fails', failed],
    ['is blocked', blocked],
    ['hangs', 'deadline'],
    ['is cancelled', 'cancel'],
  ] as const)(
    'should restore into the period it was taken from when it %s after the reset',
    async (_, outcome) => {
      await world.app.putSubscription({
        account: world.account,
        plan: 'core',
        startedAt: Date.UTC(2026, 1, 10, 12, 0, 5),
        billingCycle: 'MONTHLY',
        timeZone: 'UTC',
        immediately: false,
      });
      const { id } = await begin();
      await expectUsed(1, 1);
      clock.advance(6_000);
      expect(await world.app.quota(world.account)).toMatchObject({ used: 0, period: { index: 1 } });
      if (outcome === 'deadline') clock.advance(600_000);
      else if (outcome === 'cancel') await world.app.cancel(world.account, id);
      else world.provider.end(id, outcome);
      const generation = await ended(id);
      expect(generation).toMatchObject({ charge: 'RESTORED', period: { index: 0 } });
      const entries = await world.app.entries(world.account, [id]);
      expect(entries.map(({ period }) => period.index)).toEqual([0, 0]);
      // The new period is untouched: still its whole limit, not one more.
      await expectUsed(0);
      expect(await world.app.quota(world.account)).toMatchObject({ period: { index: 1 } });
    },
  );

  it('should let Support restore a delivered one once, with its reason', async () => {
    const { id } = await run(delivered());
    const restored = await Promise.all(
      [1, 2].map(() => world.app.restoreGeneration('support-1', id, 'it was blank')),
    );
    expect(restored.map(({ charge }) => charge)).toEqual(['RESTORED', 'RESTORED']);
    expect(await kinds(id)).toEqual(['HOLD', 'POST', 'RESTORE']);
    const entries = await world.app.entries(world.account, [id]);
    expect(entries.find(({ kind }) => kind === 'RESTORE')).toMatchObject({
      reason: 'it was blank',
      actor: 'support-1',
    });
    await expectUsed(0);
  });

  it('should not let Support restore one that is under way', async () => {
    const { id } = await begin();
    await expect(world.app.restoreGeneration('support-1', id, 'why')).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
    });
    await expect(world.app.restoreGeneration('support-1', 'x', 'why')).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('should run no more of one account than its share of slots, and the others as slots get free', async () => {
    const narrow = await makeWorld(mode, { clock, change: () => ({ slots: 8 }) });
    const { app, account, provider } = narrow;
    const answers = [];
    for (let i = 0; i < 5; i++) answers.push(await app.generate(account, press()));
    expect(provider.jobs).toHaveLength(2);
    const statuses = answers.map((answer) => 'generation' in answer && answer.generation.status);
    expect(statuses).toEqual(['RUNNING', 'RUNNING', 'QUEUED', 'QUEUED', 'QUEUED']);
    for (let i = 0; i < 5; i++) {
      const job = await eventually(() => {
        const next = provider.jobs[i];
        if (!next) throw new Error(`job ${i} was not dispatched`);
        return next;
      });
      provider.end(job.id, delivered());
    }
    await eventually(async () => {
      expect(await app.quota(account)).toMatchObject({ used: 5, held: 0 });
    });
    await narrow.dispose();
  });

  it('should give back to the queue what a drain cannot finish, for the next process', async () => {
    const { id } = await begin();
    let drained = false;
    void world.app.drain(1_000).then(() => (drained = true));
    await eventually(() => {
      clock.advance(100);
      expect(drained).toBe(true);
    });
    expect(await world.app.generation(world.account, id)).toMatchObject({
      status: 'QUEUED',
      charge: 'HELD',
    });
  });
});
