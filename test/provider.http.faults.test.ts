import type { Outcome } from '../src/provider.js';
import type { HttpStandIn } from './standins/http-provider.js';
import { answer, status, type Reply } from './standins/http-replies.js';
import { jobOf, startHttpSetup, type HttpSetup } from './standins/http-setup.js';
import { makeManualClock, type ManualClock } from './world/clock.js';
import { eventually } from './world/eventually.js';

// What may lie in the buffers of two sockets when a body is cut off.
const SOCKET_MIB = 16;
const RUNNING = { id: jobOf().id, status: 'running' };

let setup: HttpSetup;
let standIn: HttpStandIn;
let connect: HttpSetup['connect'];
let dispatch: HttpSetup['dispatch'];

beforeEach(async () => {
  setup = await startHttpSetup();
  ({ standIn, connect, dispatch } = setup);
});
afterEach(() => standIn.dispose());

describe('makeHttpProvider, creating a job', () => {
  it.each<[string, Reply]>([
    ...[408, 409, 425, 429, 500, 502, 503, 504].map((code): [string, Reply] => [
      `status ${code}`,
      status(code),
    ]),
    ['a broken connection', { kind: 'reset' }],
    ['an answer cut off', { kind: 'cut' }],
  ])('should repeat after %s under the same id', async (_, reply) => {
    standIn.next('POST', reply, reply, reply);
    expect((await dispatch(connect())).kind).toBe('delivered');
    const created = standIn.asked('POST');
    expect(created).toHaveLength(4);
    expect(new Set(created.map(({ headers }) => headers['idempotency-key']))).toEqual(
      new Set([jobOf().id]),
    );
    expect(standIn.jobs.size).toBe(1);
  });

  it.each(['nothing', 'head'] as const)(
    'should repeat when the answer stalls after %s',
    async (after) => {
      standIn.next('POST', { kind: 'stall', after });
      expect((await dispatch(connect({ attemptTimeoutMs: 500 }))).kind).toBe('delivered');
      expect(standIn.asked('POST')).toHaveLength(2);
    },
  );

  it('should wait as long as Retry-After says', async () => {
    standIn.next('POST', status(429, { 'retry-after': '1' }));
    expect((await dispatch(connect())).kind).toBe('delivered');
    const [first, second] = standIn.asked('POST');
    expect(second!.at - first!.at).toBeGreaterThanOrEqual(950);
  });

  it('should give up at once when Retry-After goes beyond the deadline', async () => {
    standIn.always('POST', status(429, { 'retry-after': '20' }));
    const outcome = await dispatch(connect(), jobOf({ deadlineAt: Date.now() + 5_000 }));
    expect(outcome).toMatchObject({ kind: 'failed', failure: { retryable: true } });
    expect(standIn.asked('POST')).toHaveLength(1);
  });

  it('should fail, worth trying again, and call off what may have begun, when repeats do not help', async () => {
    standIn.always('POST', status(500));
    expect(await dispatch(connect())).toMatchObject({
      kind: 'failed',
      failure: { code: 'PROVIDER_FAILED', retryable: true },
    });
    expect(standIn.asked('POST')).toHaveLength(4);
    await eventually(() => {
      expect(standIn.asked(`DELETE /jobs/${jobOf().id}`)).toHaveLength(1);
    });
  });

  it.each([400, 402, 413, 422, 451])(
    'should take %d for a refusal, in the provider’s words',
    async (code) => {
      standIn.next('POST', status(code, {}, 'No pictures of cats.'));
      expect(await dispatch(connect())).toEqual({
        kind: 'failed',
        failure: { code: 'PROVIDER_FAILED', message: 'No pictures of cats.', retryable: false },
      });
    },
  );

  it.each<[string, Reply]>([
    ['without words', { kind: 'raw', status: 400 }],
    ['with words of another form', { kind: 'raw', status: 400, body: '<p>No</p>' }],
    ['with words that are no text', status(400, {}, { no: 'text' })],
  ])('should say what it can of a refusal %s', async (_, reply) => {
    standIn.next('POST', reply);
    expect(await dispatch(connect())).toMatchObject({
      kind: 'failed',
      failure: { message: expect.stringContaining('status 400') as string, retryable: false },
    });
  });

  it.each([301, 302, 307, 401, 403, 404, 405, 501])(
    'should take %d for a misconfiguration, and tell the operator',
    async (code) => {
      standIn.always('POST', status(code, { location: '/elsewhere' }, 'secret words'));
      expect(await dispatch(connect())).toMatchObject({
        kind: 'failed',
        failure: { message: expect.stringContaining('operator') as string, retryable: false },
      });
      expect(standIn.asked('POST')).toHaveLength(1);
      expect(setup.logged).toContainEqual(
        expect.objectContaining({
          level: 'error',
          facts: expect.objectContaining({ status: code }) as object,
        }),
      );
    },
  );

  it.each<[string, Reply]>([
    ['text', answer('hello')],
    ['a web page', answer('<html></html>', { 'content-type': 'text/html' })],
    ['nothing', { kind: 'raw', status: 204 }],
    ['half a document', answer('{"id":')],
    ['a list', answer([RUNNING])],
    ['null', answer('null')],
    ['no id', answer({ status: 'running' })],
    ['another job', answer({ ...RUNNING, id: 'another' })],
    ['an unknown status', answer({ ...RUNNING, status: 'done' })],
    ['a status that is no text', answer({ ...RUNNING, status: 3 })],
    ['a body without end', { kind: 'flood' }],
    ['deeply nested JSON', answer('['.repeat(500_000))],
  ])('should fail once, worth trying again, on %s instead of a job', async (_, reply) => {
    standIn.next('POST', reply);
    expect(await dispatch(connect())).toMatchObject({
      kind: 'failed',
      failure: { message: expect.stringContaining('of no use') as string, retryable: true },
    });
    expect(standIn.asked('POST')).toHaveLength(1);
    expect(standIn.flooded()).toBeLessThan((1 + SOCKET_MIB) * 2 ** 20);
  });

  it('should stop asking a provider that is ill, and try again after a while', async () => {
    const patience = { maxRetries: 0, breakAfter: 3, breakForMs: 1_000 };
    standIn.next('POST', status(500), status(500), status(500));
    const provider = connect({ patience });
    const messages: string[] = [];
    for (let round = 0; round < 4; round += 1) {
      const outcome = await dispatch(provider);
      messages.push(outcome.kind === 'delivered' ? 'delivered' : outcome.failure.message);
    }
    expect(standIn.asked('POST')).toHaveLength(3);
    expect(messages[3]).toContain('not available now');
    await eventually(async () => {
      expect((await dispatch(provider)).kind).toBe('delivered');
    });
  });
});

describe('makeHttpProvider, looking at a job', () => {
  it.each<[string, Reply]>([
    ['429', status(429)],
    ['503', status(503)],
    ['408', status(408)],
    ['a broken connection', { kind: 'reset' }],
    ['an answer cut off', { kind: 'cut' }],
  ])('should go on after %s, also more often than a call is repeated', async (_, reply) => {
    standIn.next('GET /jobs', ...Array.from({ length: 9 }, () => reply));
    expect((await dispatch(connect())).kind).toBe('delivered');
    expect(standIn.asked('POST')).toHaveLength(1);
    expect(standIn.asked('DELETE')).toEqual([]);
  });

  it.each<[string, Reply]>([
    ['a refusal to answer now', status(429, { 'retry-after': '1' })],
    ['a state', answer(RUNNING, { 'retry-after': '1' })],
  ])('should wait as long as Retry-After says beside %s', async (_, reply) => {
    standIn.next('GET /jobs', reply);
    expect((await dispatch(connect())).kind).toBe('delivered');
    const [first, second] = standIn.asked('GET /jobs');
    expect(second!.at - first!.at).toBeGreaterThanOrEqual(950);
  });

  it('should keep its pace after a failed look', async () => {
    standIn.next('GET /jobs', status(503));
    expect((await dispatch(connect({ pollMs: 300 }))).kind).toBe('delivered');
    const [first, second] = standIn.asked('GET /jobs');
    expect(second!.at - first!.at).toBeGreaterThanOrEqual(400);
  });

  it('should give the job again to a provider that forgot it', async () => {
    standIn.next('GET /jobs', answer(RUNNING), status(404));
    expect((await dispatch(connect())).kind).toBe('delivered');
    expect(standIn.asked('POST').map(({ body }) => body.id)).toEqual([jobOf().id, jobOf().id]);
  });

  it('should fail when the provider forgets it again and again', async () => {
    standIn.always('GET /jobs', status(404));
    expect(await dispatch(connect())).toMatchObject({
      kind: 'failed',
      failure: { message: expect.stringContaining('lost it') as string, retryable: true },
    });
    expect(standIn.asked('POST')).toHaveLength(3);
  });

  it.each<[string, Reply]>([
    ['a web page', answer('<html></html>')],
    ['another job', answer({ ...RUNNING, id: 'another' })],
    ['a body without end', { kind: 'flood' }],
  ])('should fail on %s, and call the job off', async (_, reply) => {
    standIn.always('GET /jobs', reply);
    expect(await dispatch(connect())).toMatchObject({
      kind: 'failed',
      failure: { retryable: true },
    });
    await eventually(() => {
      expect(standIn.asked('DELETE')).toHaveLength(1);
    });
  });

  it('should fail when its key is refused meanwhile', async () => {
    standIn.always('GET /jobs', status(401));
    expect(await dispatch(connect())).toMatchObject({
      kind: 'failed',
      failure: { retryable: false },
    });
  });

  describe('that answers nothing', () => {
    /** Asks again and again in time that the test makes, until `enough`. */
    async function advanceUntil(clock: ManualClock, enough: () => boolean): Promise<void> {
      await eventually(async () => {
        clock.advance(5_000);
        await new Promise((resolve) => setTimeout(resolve, 5));
        expect(enough()).toBe(true);
      });
    }

    it('should give up after two minutes of silence', async () => {
      standIn.always('GET /jobs', status(503));
      const clock = makeManualClock(Date.now());
      const startedAt = clock.now();
      let outcome: Outcome | null = null;
      const provider = connect({ clock, pollMs: 2_000, patience: { breakAfter: 1_000 } });
      void dispatch(provider, jobOf({ deadlineAt: startedAt + 3_600_000 })).then((end) => {
        outcome = end;
      });
      await advanceUntil(clock, () => outcome !== null);
      expect(outcome).toMatchObject({ kind: 'failed', failure: { retryable: true } });
      expect(clock.now() - startedAt).toBeGreaterThan(120_000);
      expect(clock.now() - startedAt).toBeLessThan(300_000);
    });

    it('should go on when it is only busy', async () => {
      standIn.always('GET /jobs', status(429));
      const clock = makeManualClock(Date.now());
      const startedAt = clock.now();
      const provider = connect({ clock, pollMs: 2_000 });
      const dispatched = dispatch(provider, jobOf({ deadlineAt: startedAt + 3_600_000 }));
      await advanceUntil(clock, () => clock.now() - startedAt > 400_000);
      standIn.always('GET /jobs', null);
      let delivered = false;
      void dispatched.then(({ kind }) => {
        delivered = kind === 'delivered';
      });
      await advanceUntil(clock, () => delivered);
    });
  });
});
