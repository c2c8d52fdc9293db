import { setTimeout as sleep } from 'node:timers/promises';
import type { Provider } from '../src/provider.js';
import type { OpenAiStandIn } from './standins/openai.js';
import type { Reply } from './standins/openai-replies.js';
import { BLOCKED, jobOf, speechOf, startOpenAiSetup } from './standins/openai-setup.js';
import type { OpenAiSetup } from './standins/openai-setup.js';
import { eventually } from './world/eventually.js';

// What may lie in the buffers of two sockets when a body is cut off.
const SOCKET_MIB = 16;

describe('makeOpenAi, when the provider is busy or ill', () => {
  let setup: OpenAiSetup;
  let standIn: OpenAiStandIn;
  let connect: OpenAiSetup['connect'];
  let dispatch: OpenAiSetup['dispatch'];

  beforeEach(async () => {
    setup = await startOpenAiSetup();
    ({ standIn, connect, dispatch } = setup);
  });
  afterEach(() => standIn.dispose());

  it('should wait as long as Retry-After says', async () => {
    standIn.next({ kind: 'error', status: 429, headers: { 'retry-after': '1' } });
    expect((await dispatch(connect())).kind).toBe('delivered');
    const [first, second] = standIn.requests;
    expect(second!.at - first!.at).toBeGreaterThanOrEqual(950);
  });

  it.each([
    ['longer than it may', '61', 600_000],
    ['beyond the deadline', '20', 5000],
  ])('should give up at once when Retry-After is %s', async (_, seconds, leftMs) => {
    standIn.otherwise({ kind: 'error', status: 429, headers: { 'retry-after': seconds } });
    const outcome = await dispatch(connect(), jobOf({ deadlineAt: Date.now() + leftMs }));
    expect(outcome).toMatchObject({ kind: 'failed', failure: { retryable: true } });
    expect(standIn.requests).toHaveLength(1);
  });

  it.each<[string, Reply]>([
    ...[408, 409, 429, 500, 502, 503, 504].map((status): [string, Reply] => [
      `status ${status}`,
      { kind: 'error', status },
    ]),
    ['a broken connection', { kind: 'reset' }],
    ['a connection cut in the middle of the answer', { kind: 'cut' }],
  ])('should repeat after %s under the same idempotency key', async (_, reply) => {
    standIn.next(reply, reply, reply);
    expect((await dispatch(connect())).kind).toBe('delivered');
    expect(standIn.requests).toHaveLength(4);
    const keys = new Set(standIn.requests.map((request) => request.headers['idempotency-key']));
    expect([...keys]).toEqual([jobOf().id]);
  });

  it.each(['nothing', 'head'] as const)(
    'should repeat when the answer stalls after %s',
    async (after) => {
      standIn.next({ kind: 'stall', after });
      expect((await dispatch(connect({ attemptTimeoutMs: 1_000 }))).kind).toBe('delivered');
      expect(standIn.requests).toHaveLength(2);
    },
  );

  it('should fail, worth trying again, when repeats do not help', async () => {
    standIn.otherwise({ kind: 'error', status: 500 });
    expect(await dispatch(connect())).toMatchObject({
      kind: 'failed',
      failure: { code: 'PROVIDER_FAILED', retryable: true },
    });
    expect(standIn.requests).toHaveLength(4);
  });

  it('should cut off a body without end', async () => {
    standIn.next({ kind: 'flood' });
    expect((await dispatch(connect())).kind).toBe('failed');
    expect(standIn.requests).toHaveLength(1);
    expect(standIn.flooded()).toBeLessThan((64 + SOCKET_MIB) * 2 ** 20);
  });

  it('should cut off a sound without end', async () => {
    standIn.next({ kind: 'flood' });
    expect((await dispatch(connect(), speechOf())).kind).toBe('failed');
    expect(standIn.requests).toHaveLength(1);
    expect(standIn.flooded()).toBeLessThan((64 + SOCKET_MIB) * 2 ** 20);
  });

  it('should hold pictures to be downloaded to the same bound together', async () => {
    standIn.next({ kind: 'images', as: 'url', count: 8 });
    standIn.nextDownload({ kind: 'raw', body: Buffer.alloc(9 * 2 ** 20, 1) });
    const outcome = await dispatch(connect(), jobOf({ outputCount: 8 }));
    expect(outcome.kind === 'delivered' && outcome.files).toHaveLength(7);
  });

  it('should cut off a download without end', async () => {
    standIn.next({ kind: 'images', as: 'url', count: 1 });
    standIn.nextDownload({ kind: 'flood' });
    expect((await dispatch(connect())).kind).toBe('failed');
    expect(standIn.downloads).toHaveLength(1);
    expect(standIn.flooded()).toBeLessThan((20 + SOCKET_MIB) * 2 ** 20);
  });

  describe('the circuit breaker', () => {
    // A refused call takes a few milliseconds: a second leaves a slow machine its time, too.
    const patience = { maxRetries: 0, breakAfter: 3, breakForMs: 1_000 };
    const ill: Reply = { kind: 'error', status: 500 };

    async function ends(provider: Provider, times: number): Promise<string[]> {
      const outcomes: string[] = [];
      for (let round = 0; round < times; round += 1) {
        const outcome = await dispatch(provider);
        outcomes.push(outcome.kind === 'delivered' ? 'delivered' : outcome.failure.message);
      }
      return outcomes;
    }

    it('should refuse at once after enough failures, then try again and recover', async () => {
      standIn.next(ill, ill, ill);
      const provider = connect({ patience });
      const messages = await ends(provider, 4);
      expect(standIn.requests).toHaveLength(3);
      expect(messages[3]).toContain('not available now');
      await eventually(async () => {
        expect(await ends(provider, 1)).toEqual(['delivered']);
      });
      expect(await ends(provider, 1)).toEqual(['delivered']);
    });

    it('should be one for pictures and one for speech', async () => {
      standIn.next(ill, ill, ill);
      const provider = connect({ patience });
      expect((await ends(provider, 4)).at(-1)).toContain('not available now');
      expect((await dispatch(provider, speechOf())).kind).toBe('delivered');
    });

    it('should not be shared between two providers', async () => {
      standIn.next(ill, ill, ill);
      await ends(connect({ patience }), 4);
      expect(await ends(connect({ patience, name: 'other' }), 1)).toEqual(['delivered']);
    });

    it('should stay open when the trial fails', async () => {
      standIn.next(ill, ill, ill, ill);
      const provider = connect({ patience });
      await ends(provider, 3);
      // What is refused does not reach the provider: the fourth request is the trial.
      await eventually(async () => {
        await ends(provider, 1);
        expect(standIn.requests).toHaveLength(4);
      });
      const [message] = await ends(provider, 1);
      expect(message).toContain('not available now');
      expect(standIn.requests).toHaveLength(4);
    });

    it.each<[string, Reply]>([
      ['blocks', BLOCKED],
      ['refusals', { kind: 'error', status: 400 }],
      ['a busy provider', { kind: 'error', status: 429 }],
    ])('should not open by %s', async (_, reply) => {
      standIn.otherwise(reply);
      const provider = connect({ patience });
      await ends(provider, 6);
      expect(standIn.requests).toHaveLength(6);
    });
  });

  describe('aborted between repeats', () => {
    const reason = new Error('the deadline passed');

    /** Aborts a job that waits for its first repeat. */
    async function abortWaiting(delayMs: number): Promise<void> {
      standIn.otherwise({ kind: 'error', status: 500 });
      const deadline = new AbortController();
      const provider = connect({ patience: { initialDelayMs: delayMs, maxDelayMs: delayMs } });
      const dispatched = provider.dispatch(jobOf(), deadline.signal);
      await eventually(() => {
        expect(setup.logged).toMatchObject([{ message: 'provider: trying again' }]);
      });
      deadline.abort(reason);
      await expect(dispatched).rejects.toBe(reason);
    }

    it('should end without waiting for the next', async () => {
      // Nobody could wait for this one: the test's own time would run out.
      await abortWaiting(600_000);
    });

    it('should not ask again', async () => {
      await abortWaiting(400);
      await sleep(600);
      expect(standIn.requests).toHaveLength(1);
    });
  });
});
