import type { App } from '../../src/app.js';
import type { Callback, Provider } from '../../src/provider.js';
import { CALLBACK_SECRET, signed } from '../standins/http-provider.js';
import { startHttpSetup, type HttpSetup } from '../standins/http-setup.js';
import { makeManualClock, type ManualClock } from '../world/clock.js';
import { eventually } from '../world/eventually.js';
import { makeWorld, MODES, press, type World } from '../world/world.js';

const NOON = Date.UTC(2026, 10, 23, 12);
const OTHER_SECRET = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;

// The generation runs in one gateway; callbacks come to another one, unless a test says otherwise.
describe.each(MODES)('callbacks, %s', (mode) => {
  let clock: ManualClock;
  let setup: HttpSetup;
  let world: World;
  let other: App;

  beforeEach(async () => {
    clock = makeManualClock(NOON);
    setup = await startHttpSetup();
    setup.standIn.script({ end: 'never' });
    world = await makeWorld(mode, { clock, change: () => ({ providers: providers() }) });
    other = await world.another(() => ({ providers: providers() }));
  });
  afterEach(async () => {
    await world.dispose();
    await setup.standIn.dispose();
  });

  /** Of one process; the default one of the catalogue is called sketch. */
  function providers(): ReadonlyMap<string, Provider> {
    const callbackUrl = 'http://127.0.0.1:9/callbacks/sketch';
    const options = { callbackSecret: CALLBACK_SECRET, callbackUrl, clock };
    const names = ['sketch', 'second'];
    return new Map(names.map((name) => [name, setup.connect({ ...options, name })]));
  }

  function callbackAbout(id: string, secret = CALLBACK_SECRET): Callback {
    const body = JSON.stringify({ id, status: 'succeeded' });
    return { body, headers: signed(body, secret, new Date(clock.now())) };
  }

  /** A generation whose provider works on it, and the state of its job there. */
  async function running(): Promise<string> {
    const answer = await world.app.generate(world.account, press());
    if (answer.kind !== 'accepted') throw new Error(answer.kind);
    const { id } = answer.generation;
    await eventually(() => {
      expect(setup.standIn.jobs.has(id)).toBe(true);
    });
    return id;
  }

  const find = (id: string) => world.app.generation(world.account, id);
  const looks = (id: string): number => setup.standIn.asked(`GET /jobs/${id}`).length;

  it('should wake the dispatch that runs in this very process', async () => {
    const id = await running();
    await setup.standIn.move(id);
    expect(world.app.reported('sketch', callbackAbout(id))).toBe('taken');
    await eventually(async () => {
      expect(await find(id)).toMatchObject({ status: 'SUCCEEDED', charge: 'POSTED' });
    });
    expect(looks(id)).toBe(1);
  });

  it('should settle what another process runs, once, however often it is said', async () => {
    const id = await running();
    await setup.standIn.move(id);
    for (const app of [other, other, world.app, other]) {
      expect(app.reported('sketch', callbackAbout(id))).toBe('taken');
    }
    await eventually(async () => {
      expect(await find(id)).toMatchObject({ status: 'SUCCEEDED', charge: 'POSTED' });
      expect((await world.app.entries(world.account, [id])).map(({ kind }) => kind)).toEqual([
        'HOLD',
        'POST',
      ]);
      expect(await world.app.quota(world.account)).toMatchObject({ used: 1, held: 0 });
    });
    const [output] = (await find(id))!.outputs;
    expect(await world.core.assets.size(output!.key)).toBe(output!.bytes);
  });

  it.each(['failed', 'blocked', 'cancelled', 'running'])(
    'should leave what is %s to the process that runs it',
    async (status) => {
      const id = await running();
      await setup.standIn.move(id, status);
      other.reported('sketch', callbackAbout(id));
      await eventually(() => {
        expect(looks(id)).toBe(1);
      });
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(await find(id)).toMatchObject({ status: 'RUNNING', charge: 'HELD' });
    },
  );

  it('should leave what cannot be stored to the process that runs it', async () => {
    const id = await running();
    setup.standIn.always('GET /files', { kind: 'raw', status: 404 });
    await setup.standIn.move(id);
    other.reported('sketch', callbackAbout(id));
    await eventually(() => {
      expect(setup.standIn.asked('GET /files')).toHaveLength(1);
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await find(id)).toMatchObject({ status: 'RUNNING', charge: 'HELD' });
  });

  it('should deliver, free, what succeeded after it was given back', async () => {
    const id = await running();
    clock.advance(600_000);
    await eventually(async () => {
      expect(await find(id)).toMatchObject({ status: 'EXPIRED', charge: 'RESTORED' });
    });
    await setup.standIn.move(id);
    other.reported('sketch', callbackAbout(id));
    await eventually(async () => {
      expect(await find(id)).toMatchObject({ status: 'SUCCEEDED', charge: 'RESTORED' });
    });
  });

  it('should leave alone what was cancelled', async () => {
    const id = await running();
    await world.app.cancel(world.account, id);
    await setup.standIn.move(id);
    expect(other.reported('sketch', callbackAbout(id))).toBe('taken');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(looks(id)).toBe(0);
    expect(await find(id)).toMatchObject({ status: 'CANCELLED' });
  });

  it('should ask nobody about another provider’s generation, or one that does not exist', async () => {
    const id = await running();
    expect(other.reported('second', callbackAbout(id))).toBe('taken');
    expect(other.reported('sketch', callbackAbout('01a205dc-7c1e-7000-8000-000000000001'))).toBe(
      'taken',
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(setup.standIn.asked('GET')).toEqual([]);
  });

  it('should tell forged ones and unknown providers', async () => {
    const id = await running();
    await setup.standIn.move(id);
    expect(other.reported('sketch', callbackAbout(id, OTHER_SECRET))).toBe('forged');
    expect(other.reported('third', callbackAbout(id))).toBe('unknown');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(setup.standIn.asked('GET')).toEqual([]);
  });

  it('should look again when one comes while it looks', async () => {
    const id = await running();
    setup.standIn.next('GET', { kind: 'stall', after: 'nothing' });
    other.reported('sketch', callbackAbout(id));
    await eventually(() => {
      expect(looks(id)).toBe(1);
    });
    await setup.standIn.move(id);
    other.reported('sketch', callbackAbout(id));
    // The first look is given up: what it would have told is older.
    clock.advance(10_000);
    await eventually(async () => {
      expect(await find(id)).toMatchObject({ status: 'SUCCEEDED' });
    });
    expect(looks(id)).toBe(2);
  });

  it('should follow up no more than sixteen at once', async () => {
    await world.app.putSubscription({
      account: world.account,
      plan: 'ultimate',
      startedAt: NOON,
      billingCycle: 'MONTHLY',
      timeZone: 'UTC',
      immediately: false,
    });
    setup.standIn.always('GET', { kind: 'stall', after: 'nothing' });
    const ids: string[] = [];
    for (let made = 0; made < 16 + 4; made += 1) {
      const answer = await world.app.generate(world.account, press());
      if (answer.kind === 'accepted') ids.push(answer.generation.id);
    }
    for (const id of ids) expect(other.reported('sketch', callbackAbout(id))).toBe('taken');
    await eventually(() => {
      expect(setup.standIn.asked('GET')).toHaveLength(16);
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(setup.standIn.asked('GET')).toHaveLength(16);
  });
});
