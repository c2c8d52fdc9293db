import type { Job } from '../src/provider.js';
import { providerContract } from './contract/provider.contract.js';
import { aSource, bytesOf } from './contract/provider.samples.js';
import type { OpenAiStandIn } from './standins/openai.js';
import { soundOf } from './standins/openai-replies.js';
import type { Reply } from './standins/openai-replies.js';
import { BLOCKED, KEY, PROMPT, speechOf, startOpenAiSetup } from './standins/openai-setup.js';
import type { OpenAiSetup } from './standins/openai-setup.js';

const BAD_GATEWAY: Reply = { kind: 'raw', contentType: 'text/html', body: '<h1>Welcome</h1>' };

describe('makeOpenAi, speaking', () => {
  let setup: OpenAiSetup;
  let standIn: OpenAiStandIn;
  let connect: OpenAiSetup['connect'];
  let dispatch: OpenAiSetup['dispatch'];

  beforeEach(async () => {
    setup = await startOpenAiSetup();
    ({ standIn, connect, dispatch } = setup);
  });
  afterEach(() => standIn.dispose());

  it('should ask as the API has it, and hand on the sound as it came', async () => {
    const job = speechOf({ outputCount: 1 });
    const outcome = await dispatch(connect(), job);
    const [request] = standIn.requests;
    expect(request).toMatchObject({
      path: 'audio/speech',
      headers: { authorization: `Bearer ${KEY}`, 'idempotency-key': job.id },
    });
    expect(request!.body).toEqual({
      model: 'gpt-4o-mini-tts',
      voice: 'alloy',
      input: PROMPT,
      response_format: 'mp3',
    });
    if (outcome.kind !== 'delivered') throw new Error(outcome.kind);
    expect(await bytesOf(outcome.files[0]!.content)).toEqual(soundOf());
  });

  it('should pass on voice, format and speed', async () => {
    const settings = { voice: 'nova', format: 'wav', speed: 1.5, size: '1x1' };
    await dispatch(connect(), speechOf({ outputCount: 1, settings }));
    expect(standIn.requests[0]!.body).toEqual({
      model: 'gpt-4o-mini-tts',
      voice: 'nova',
      input: PROMPT,
      response_format: 'wav',
      speed: 1.5,
    });
  });

  it('should ask once for each output under keys of their own, and tell how far it is', async () => {
    standIn.next({ kind: 'sound' }, { kind: 'error', status: 503 });
    const reported: number[] = [];
    const report = (share: number): void => void reported.push(share);
    const outcome = await dispatch(connect(), speechOf({ outputCount: 4, report }));
    expect(outcome.kind === 'delivered' && outcome.files).toHaveLength(4);
    const { id } = speechOf();
    expect(standIn.requests.map(({ headers }) => headers['idempotency-key'])).toEqual([
      id,
      `${id}-2`,
      `${id}-2`,
      `${id}-3`,
      `${id}-4`,
    ]);
    expect(reported).toEqual([0.25, 0.5, 0.75, 1]);
  });

  it.each<[string, Reply]>([
    ['is blocked', BLOCKED],
    ['is refused', { kind: 'error', status: 400 }],
    ['fails', { kind: 'error', status: 500 }],
    ['is a page', BAD_GATEWAY],
  ])('should deliver what is there when a later one %s', async (_, reply) => {
    standIn.next({ kind: 'sound' }, reply, reply, reply, reply);
    const outcome = await dispatch(connect(), speechOf({ outputCount: 3 }));
    expect(outcome.kind === 'delivered' && outcome.files).toHaveLength(1);
  });

  it.each<[string, Reply]>([
    ['a page', BAD_GATEWAY],
    ['a message', { kind: 'raw', contentType: 'application/json', body: '{"ok":true}' }],
    ['nothing', { kind: 'raw', contentType: 'audio/mpeg', body: '' }],
  ])('should fail on %s, asking once', async (_, reply) => {
    standIn.next(reply);
    expect(await dispatch(connect(), speechOf())).toMatchObject({
      kind: 'failed',
      failure: { code: 'PROVIDER_FAILED', retryable: true },
    });
    expect(standIn.requests).toHaveLength(1);
  });

  it('should answer a block as blocked, asking once', async () => {
    standIn.next(BLOCKED);
    expect((await dispatch(connect(), speechOf())).kind).toBe('blocked');
    expect(standIn.requests).toHaveLength(1);
  });

  it('should end with the reason when it is stopped between two outputs', async () => {
    const stop = new AbortController();
    const reason = new Error('the deadline passed');
    const report = (): void => {
      stop.abort(reason);
    };
    const dispatched = connect().dispatch(speechOf({ report }), stop.signal);
    await expect(dispatched).rejects.toBe(reason);
    expect(standIn.requests).toHaveLength(1);
  });

  it.each<[string, string, Partial<Job>]>([
    ['a missing prompt', 'needs a prompt', { prompt: null }],
    ['a long prompt', 'at most 4096 characters', { prompt: 'a'.repeat(4_097) }],
    ['an input', 'leave inputs out', { sources: [aSource(soundOf())] }],
    ['a voice of two words', 'settings.voice', { settings: { voice: 'two words' } }],
    ['a format that is not stored', 'settings.format', { settings: { format: 'aac' } }],
    ['too high a speed', 'settings.speed', { settings: { speed: 5 } }],
    ['a speed in words', 'settings.speed', { settings: { speed: 'fast' } }],
  ])('should refuse %s, naming it, and not ask', async (_, what, content) => {
    const provider = connect();
    expect(provider.check?.(speechOf(content))).toContain(what);
    expect((await dispatch(provider, speechOf(content))).kind).toBe('failed');
    expect(standIn.requests).toHaveLength(0);
  });

  it('should refuse to speak where only an image model is named', () => {
    const provider = connect({ speechModel: null });
    expect(provider.check?.(speechOf())).toContain('makes no sounds');
  });
});

providerContract('openai, speaking', async () => {
  const { standIn, connect } = await startOpenAiSetup();
  const replies: Record<string, Reply> = {
    deliver: { kind: 'sound' },
    'deliver some': { kind: 'error', status: 500 },
    fail: { kind: 'error', status: 500 },
    block: BLOCKED,
    hang: { kind: 'stall', after: 'head' },
  };
  return {
    provider: connect(),
    job: (ending) => {
      if (ending === 'deliver some') standIn.next({ kind: 'sound' });
      standIn.otherwise(replies[ending]!);
      return speechOf();
    },
    expectWhole: (bytes) => {
      expect(bytes).toEqual(soundOf());
    },
    dispose: () => standIn.dispose(),
  };
});
