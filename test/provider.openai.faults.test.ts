import { setTimeout as sleep } from 'node:timers/promises';
import type { Provider } from '../src/provider.js';
import { BLOCKED, jobOf, startOpenAiBench } from './standins/openai-bench.js';
import type { OpenAiBench } from './standins/openai-bench.js';
import type { OpenAiStandIn, Reply } from './standins/openai-images.js';

// What may lie in the buffers of two sockets when a body is cut off.
const SOCKET_MIB = 16;

describe('makeOpenAiImages, when the provider is busy or ill', () => {
  let bench: OpenAiBench;
  let standIn: OpenAiStandIn;
  let connect: OpenAiBench['connect'];
  let dispatch: OpenAiBench['dispatch'];

  beforeEach(async () => {
    bench = await startOpenAiBench();
    ({ standIn, connect, dispatch } = bench);
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
      expect((await dispatch(connect({ attemptTimeoutMs: 150 }))).kind).toBe('delivered');
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

  it('should cut off a download without end', async () => {
    standIn.next({ kind: 'images', as: 'url', count: 1 });
    standIn.nextDownload({ kind: 'flood' });
    expect((await dispatch(connect())).kind).toBe('failed');
    expect(standIn.downloads).toHaveLength(1);
    expect(standIn.flooded()).toBeLessThan((20 + SOCKET_MIB) * 2 ** 20);
  });

  describe('the circuit breaker', () => {
    const patience = { maxRetries: 0, breakAfter: 3, breakForMs: 200 };
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
      await sleep(220);
      expect(await ends(provider, 2)).toEqual(['delivered', 'delivered']);
    });

    it('should stay open when the trial fails', async () => {
      standIn.next(ill, ill, ill, ill);
      const provider = connect({ patience });
      await ends(provider, 3);
      await sleep(220);
      const messages = await ends(provider, 2);
      expect(standIn.requests).toHaveLength(4);
      expect(messages[1]).toContain('not available now');
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

  it('should end at once when aborted between repeats, and not ask again', async () => {
    standIn.otherwise({ kind: 'error', status: 500 });
    const deadline = new AbortController();
    const provider = connect({ patience: { initialDelayMs: 400, maxDelayMs: 400 } });
    const dispatched = provider.dispatch(jobOf(), deadline.signal);
    const reason = new Error('the deadline passed');
    while (standIn.requests.length === 0) await sleep(5);
    await sleep(30);
    const asked = standIn.requests.length;
    const abortedAt = performance.now();
    deadline.abort(reason);
    await expect(dispatched).rejects.toBe(reason);
    expect(performance.now() - abortedAt).toBeLessThan(50);
    await sleep(600);
    expect(standIn.requests).toHaveLength(asked);
  });
});
