import type { Callback, Outcome, Provider } from '../src/provider.js';
import { CALLBACK_SECRET, signed, type HttpStandIn } from './standins/http-provider.js';
import { answer } from './standins/http-replies.js';
import { jobOf, startHttpSetup, type HttpSetup } from './standins/http-setup.js';
import { makeManualClock } from './world/clock.js';
import { eventually } from './world/eventually.js';
import { soonerThan } from './world/sooner.js';

const ID = jobOf().id;
const BODY = JSON.stringify({
  id: ID,
  status: 'succeeded',
  outputs: [{ url: 'https://evil.example/' }],
});
const OTHER_SECRET = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;
// A port nobody listens on: callbacks are handed over by the tests.
const CALLBACK_URL = 'http://127.0.0.1:9/callbacks/studio';

let setup: HttpSetup;
let standIn: HttpStandIn;

beforeEach(async () => {
  setup = await startHttpSetup();
  ({ standIn } = setup);
});
afterEach(() => standIn.dispose());

function connect(rest = {}): Provider {
  return setup.connect({ callbackSecret: CALLBACK_SECRET, callbackUrl: CALLBACK_URL, ...rest });
}

function callbackOf(body = BODY, headers = signed(body)): Callback {
  return { headers: { 'content-type': 'application/json', ...headers }, body };
}

describe('readCallback', () => {
  it('should answer the id of a signed job', () => {
    expect(connect().readCallback!(callbackOf())).toBe(ID);
  });

  it('should be absent without a secret', () => {
    expect('readCallback' in setup.connect()).toBe(false);
  });

  it('should take one of several signatures, as while a secret is changed', () => {
    const good = signed(BODY);
    const signature = `${signed(BODY, OTHER_SECRET)['webhook-signature']!} v2,x ${good['webhook-signature']!}`;
    const callback = callbackOf(BODY, { ...good, 'webhook-signature': signature });
    expect(connect().readCallback!(callback)).toBe(ID);
  });

  it('should agree with openssl about the signature', () => {
    // printf 'msg_1.1795392000.{"id":"a-job"}' | openssl dgst -sha256 -mac HMAC -macopt hexkey:0707…07 -binary | base64
    const headers = {
      'webhook-id': 'msg_1',
      'webhook-timestamp': '1795392000',
      'webhook-signature': 'v1,whw1Ik8JEqZAo3f/G/o/IBFyvZrmNjbke6IwfRFRNDY=',
    };
    const provider = connect({ clock: makeManualClock(1_795_392_000_000) });
    expect(provider.readCallback!({ headers, body: '{"id":"a-job"}' })).toBe('a-job');
  });

  const minutes = (count: number): Date => new Date(Date.now() + count * 60_000);
  it.each<[string, () => Callback]>([
    ['another secret', () => callbackOf(BODY, signed(BODY, OTHER_SECRET))],
    ['another body', () => callbackOf(`${BODY} `, signed(BODY))],
    ['another id', () => callbackOf(BODY, { ...signed(BODY), 'webhook-id': 'msg_other' })],
    ['no signature', () => callbackOf(BODY, {})],
    ['an empty signature', () => callbackOf(BODY, { ...signed(BODY), 'webhook-signature': 'v1,' })],
    [
      'a cut signature',
      () =>
        callbackOf(BODY, {
          ...signed(BODY),
          'webhook-signature': signed(BODY)['webhook-signature']!.slice(0, -4),
        }),
    ],
    [
      'another version',
      () =>
        callbackOf(BODY, {
          ...signed(BODY),
          'webhook-signature': signed(BODY)['webhook-signature']!.replace('v1,', 'v2,'),
        }),
    ],
    [
      'a time that is no number',
      () => callbackOf(BODY, { ...signed(BODY), 'webhook-timestamp': '1e9' }),
    ],
    [
      'a time of six minutes ago',
      () => callbackOf(BODY, signed(BODY, CALLBACK_SECRET, minutes(-6))),
    ],
    ['a time in six minutes', () => callbackOf(BODY, signed(BODY, CALLBACK_SECRET, minutes(6)))],
    ['a body that is no JSON', () => callbackOf('hello')],
    ['a body that is no job', () => callbackOf('{"job":1}')],
    ['an id that is none', () => callbackOf('{"id":"../../x"}')],
  ])('should refuse %s', (_, callback) => {
    expect(connect().readCallback!(callback())).toBeNull();
  });
});

describe('makeHttpProvider, called back', () => {
  /** Dispatches a job that only a callback, or half a minute, makes it look at again. */
  async function begin(provider: Provider): Promise<{ dispatched: Promise<Outcome> }> {
    standIn.script({ end: 'never' });
    const dispatched = setup.dispatch(provider);
    await eventually(() => {
      expect(standIn.jobs.size).toBe(1);
    });
    // Its answer is on the way.
    await new Promise((resolve) => setTimeout(resolve, 50));
    return { dispatched };
  }

  it('should tell the provider where to', async () => {
    const provider = connect();
    const { dispatched } = await begin(provider);
    expect(standIn.asked('POST')[0]!.body.callbackUrl).toBe(CALLBACK_URL);
    await standIn.move(ID);
    provider.readCallback!(callbackOf());
    await dispatched;
  });

  it('should look at once, and believe nothing but what it sees then', async () => {
    const provider = connect();
    const { dispatched } = await begin(provider);
    expect(standIn.asked('GET')).toEqual([]);
    // It says that the job is done, which is not so yet.
    provider.readCallback!(callbackOf());
    await eventually(() => {
      expect(standIn.asked('GET')).toHaveLength(1);
    });
    await standIn.move(ID, 'blocked');
    provider.readCallback!(callbackOf());
    expect((await soonerThan(10_000, dispatched)).kind).toBe('blocked');
  });

  it('should not miss one that comes before the answer to its creation', async () => {
    standIn.script({ end: 'never' });
    standIn.next('POST', { kind: 'stall', after: 'nothing' });
    const provider = connect({ attemptTimeoutMs: 300 });
    const dispatched = setup.dispatch(provider);
    provider.readCallback!(callbackOf());
    await eventually(() => {
      expect(standIn.asked('GET')).toHaveLength(1);
    });
    await standIn.move(ID);
    provider.readCallback!(callbackOf());
    expect((await dispatched).kind).toBe('delivered');
  });

  it('should come through without any callback', async () => {
    const clock = makeManualClock(Date.now());
    const { dispatched } = await begin(connect({ clock }));
    await standIn.move(ID);
    clock.advance(29_000);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(standIn.asked('GET')).toEqual([]);
    clock.advance(1_000);
    expect((await dispatched).kind).toBe('delivered');
  });

  it('should take doubled and late ones calmly', async () => {
    const provider = connect();
    const { dispatched } = await begin(provider);
    await standIn.move(ID);
    const callback = callbackOf();
    for (let time = 0; time < 5; time += 1) expect(provider.readCallback!(callback)).toBe(ID);
    expect((await dispatched).kind).toBe('delivered');
    const looks = standIn.asked('GET /jobs').length;
    expect(provider.readCallback!(callback)).toBe(ID);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(standIn.asked('GET /jobs')).toHaveLength(looks);
    expect(looks).toBeLessThanOrEqual(2);
  });

  it('should not be woken by a forged one', async () => {
    const provider = connect();
    const { dispatched } = await begin(provider);
    expect(provider.readCallback!(callbackOf(BODY, signed(BODY, OTHER_SECRET)))).toBeNull();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(standIn.asked('GET')).toEqual([]);
    await standIn.move(ID);
    provider.readCallback!(callbackOf());
    await dispatched;
  });

  it('should wake only the job it speaks of', async () => {
    const provider = connect();
    const { dispatched } = await begin(provider);
    const body = JSON.stringify({ ...jobOf(), id: 'another' });
    expect(provider.readCallback!(callbackOf(body))).toBe('another');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(standIn.asked('GET')).toEqual([]);
    standIn.next('GET', answer({ id: ID, status: 'failed' }));
    provider.readCallback!(callbackOf());
    expect((await dispatched).kind).toBe('failed');
  });
});
