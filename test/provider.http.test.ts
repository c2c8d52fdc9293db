import sharp from 'sharp';
import type { Outcome, ProducedFile } from '../src/provider.js';
import { providerContract } from './contract/provider.contract.js';
import { aSource, bytesOf } from './contract/provider.samples.js';
import { KEY, startHttpProvider, type HttpStandIn } from './standins/http-provider.js';
import { answer } from './standins/http-replies.js';
import { jobOf, PROMPT, startHttpSetup, type HttpSetup } from './standins/http-setup.js';
import { eventually } from './world/eventually.js';
import { makeManualClock } from './world/clock.js';

let setup: HttpSetup;
let standIn: HttpStandIn;
let connect: HttpSetup['connect'];
let dispatch: HttpSetup['dispatch'];

beforeEach(async () => {
  setup = await startHttpSetup();
  ({ standIn, connect, dispatch } = setup);
});
afterEach(() => standIn.dispose());

function filesOf(outcome: Outcome): ProducedFile[] {
  if (outcome.kind !== 'delivered') throw new Error(outcome.failure.message);
  return outcome.files;
}

providerContract('makeHttpProvider', async () => {
  const { standIn: own, connect: connectOwn } = await startHttpSetup();
  return {
    provider: connectOwn(),
    job(ending) {
      if (ending === 'deliver some') own.script({ outputs: 1 });
      if (ending === 'fail') own.script({ end: 'failed' });
      if (ending === 'block') own.script({ end: 'blocked' });
      if (ending === 'hang') own.script({ end: 'never' });
      return jobOf();
    },
    dispose: () => own.dispose(),
  };
});

describe('makeHttpProvider', () => {
  it('should send the whole job under its id, inputs by their links, and no bytes', async () => {
    const source = aSource(Buffer.from('picture'), { width: 3, height: 2, url: 'https://x/i?s=1' });
    const deadlineAt = Date.now() + 60_000;
    const settings = { size: '64x64' };
    await dispatch(
      connect(),
      jobOf({ deadlineAt, settings, sources: [source], inputs: [source.id] }),
    );
    const [created, ...more] = standIn.asked('POST /jobs');
    expect(more).toEqual([]);
    expect(created!.headers).toMatchObject({
      authorization: `Bearer ${KEY}`,
      'idempotency-key': jobOf().id,
      'content-type': 'application/json',
    });
    const { id, kind, contentType, bytes, sha256, width, height, durationMs, url } = source;
    expect(created!.body).toEqual({
      id: jobOf().id,
      action: 'image.generate',
      kind: 'image',
      prompt: PROMPT,
      settings,
      outputCount: 2,
      inputs: [{ id, kind, contentType, bytes, sha256, width, height, durationMs, url }],
      deadlineAt: new Date(deadlineAt).toISOString(),
    });
  });

  it('should take a job that has ended as soon as it was made', async () => {
    standIn.next(
      'POST',
      answer({ id: jobOf().id, status: 'succeeded', outputs: [{ url: '/files/x/0.png' }] }),
    );
    expect(filesOf(await dispatch(connect()))).toHaveLength(1);
    expect(standIn.asked('GET /jobs')).toEqual([]);
  });

  it('should pass on progress, clamped, and never backwards', async () => {
    const id = jobOf().id;
    const told = [0.2, 7, -3, 'half', null, 0.4];
    standIn.next(
      'GET /jobs',
      ...told.map((progress) => answer({ id, status: 'running', progress })),
    );
    const reported: number[] = [];
    await dispatch(connect(), jobOf({ report: (progress) => reported.push(progress) }));
    expect(new Set(reported)).toEqual(new Set([0.2, 1]));
    expect(reported).toEqual([...reported].sort());
  });

  it('should ask ever more rarely, up to 15 s', async () => {
    standIn.script({ end: 'never' });
    const clock = makeManualClock(Date.now());
    const end = new AbortController();
    const dispatched = connect({ clock, pollMs: 2_000 }).dispatch(jobOf(), end.signal);
    dispatched.catch(() => undefined);
    const gaps: number[] = [];
    let lastAt = clock.now();
    for (let looks = 1; looks <= 7; looks += 1) {
      await eventually(async () => {
        clock.advance(250);
        await new Promise((resolve) => setTimeout(resolve, 5));
        expect(standIn.asked('GET /jobs')).toHaveLength(looks);
      });
      gaps.push(clock.now() - lastAt);
      lastAt = clock.now();
    }
    end.abort('shutdown');
    [2_000, 3_000, 4_500, 6_750, 10_125, 15_000, 15_000].forEach((expected, index) => {
      expect(gaps[index]).toBeGreaterThanOrEqual(expected - 1_000);
      expect(gaps[index]).toBeLessThanOrEqual(expected + 2_000);
    });
  });

  describe('the outputs', () => {
    it('should be fetched only when they are read, with the key, and again by a second reader', async () => {
      const [first] = filesOf(await dispatch(connect()));
      expect(standIn.asked('GET /files')).toEqual([]);
      const bytes = await bytesOf(first!.content);
      expect((await sharp(bytes).metadata()).width).toBe(96);
      expect(await bytesOf(first!.content)).toEqual(bytes);
      const fetched = standIn.asked('GET /files');
      expect(fetched.map(({ headers }) => headers.authorization)).toEqual([
        `Bearer ${KEY}`,
        `Bearer ${KEY}`,
      ]);
    });

    it('should be no more than were asked for', async () => {
      standIn.script({ outputs: 5 });
      expect(filesOf(await dispatch(connect()))).toHaveLength(2);
    });

    it('should come from another origin only when it is listed, and then without the key', async () => {
      const cdn = await startHttpProvider();
      try {
        const outputs = [{ url: `${cdn.url}/files/x/0.png` }, { url: '/files/x/1.png' }];
        const end = answer({ id: jobOf().id, status: 'succeeded', outputs });
        standIn.always('POST', end);
        expect(filesOf(await dispatch(connect()))).toHaveLength(1);
        const files = filesOf(await dispatch(connect({ outputOrigins: [cdn.url] })));
        expect(files).toHaveLength(2);
        await bytesOf(files[0]!.content);
        expect(cdn.asked('GET /files').map(({ headers }) => headers.authorization)).toEqual([
          undefined,
        ]);
      } finally {
        await cdn.dispose();
      }
    });

    it.each([
      'https://elsewhere.example/x.png',
      'file:///etc/passwd',
      'data:image/png;base64,AA',
      'http://[',
    ])('should not be fetched from %s, and nothing fetched is nothing delivered', async (url) => {
      standIn.next('POST', answer({ id: jobOf().id, status: 'succeeded', outputs: [{ url }] }));
      expect(await dispatch(connect())).toMatchObject({
        kind: 'failed',
        failure: { retryable: true },
      });
    });

    it.each([[undefined], [[]], [null], ['many']])(
      'should be there when it succeeded: %j is a failure',
      async (outputs) => {
        standIn.next('POST', answer({ id: jobOf().id, status: 'succeeded', outputs }));
        expect(await dispatch(connect())).toMatchObject({
          kind: 'failed',
          failure: { retryable: true },
        });
      },
    );
  });

  describe('what the provider says of a failure', () => {
    it.each([
      ['failed', { message: 'Too many cats.' }, 'failed', 'Too many cats.', true],
      ['failed', { message: 'No such size.', retryable: false }, 'failed', 'No such size.', false],
      ['blocked', { message: 'Not that.', retryable: true }, 'blocked', 'Not that.', false],
      ['cancelled', undefined, 'failed', expect.stringContaining('called it off') as string, true],
      ['failed', undefined, 'failed', expect.stringContaining('could not make it') as string, true],
      [
        'failed',
        { message: '  \n ' },
        'failed',
        expect.stringContaining('could not make it') as string,
        true,
      ],
      [
        'failed',
        { message: { no: 'text' } },
        'failed',
        expect.stringContaining('could not') as string,
        true,
      ],
    ] as const)('should be kept: %s %j', async (end, error, kind, message, retryable) => {
      standIn.script({ end, error });
      expect(await dispatch(connect())).toMatchObject({ kind, failure: { message, retryable } });
    });

    it.each([
      ['m'.repeat(100_000), `${'m'.repeat(499)}…`],
      ['one\n two\u0000\u202e three', 'one two three'],
      ['see https://x.example/a?signature=1 for more', 'see [link] for more'],
      ['👩‍🚀 lost', '👩‍🚀 lost'],
    ])('should be one short line without links', async (message, shown) => {
      standIn.script({ end: 'failed', error: { message } });
      expect(await dispatch(connect())).toMatchObject({ failure: { message: shown } });
    });

    it('should not be shown when it quotes the key', async () => {
      standIn.script({ end: 'failed', error: { message: `bad key ${KEY}` } });
      expect(JSON.stringify(await dispatch(connect()))).not.toContain(KEY);
    });
  });

  describe('the end from outside', () => {
    async function abortRunning(reason: string): Promise<unknown> {
      standIn.script({ end: 'never' });
      const controller = new AbortController();
      const dispatched = connect().dispatch(jobOf(), controller.signal);
      const ended = dispatched.catch((error: unknown) => error);
      await eventually(() => {
        expect(standIn.asked('GET /jobs').length).toBeGreaterThan(0);
      });
      controller.abort(reason);
      return ended;
    }

    it.each(['deadline', 'ended'])('should reach the provider when it is "%s"', async (reason) => {
      expect(await abortRunning(reason)).toBe(reason);
      await eventually(() => {
        expect(standIn.jobs.get(jobOf().id)!.state.status).toBe('cancelled');
      });
      const looks = standIn.asked('GET /jobs').length;
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(standIn.asked('GET /jobs')).toHaveLength(looks);
    });

    it('should leave the job alone when this process goes', async () => {
      expect(await abortRunning('shutdown')).toBe('shutdown');
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(standIn.asked('DELETE')).toEqual([]);
      expect(standIn.jobs.get(jobOf().id)!.state.status).toBe('running');
    });

    it('should not wait for a provider that does not answer to it', async () => {
      standIn.always('DELETE', { kind: 'stall', after: 'nothing' });
      expect(await abortRunning('deadline')).toBe('deadline');
    });

    it('should let another process go on with the same job', async () => {
      await abortRunning('shutdown');
      const again = dispatch(connect());
      await standIn.move(jobOf().id);
      expect(filesOf(await again)).toHaveLength(2);
      expect(standIn.jobs.size).toBe(1);
    });
  });

  describe('lookup', () => {
    const signal = (): AbortSignal => new AbortController().signal;
    const lookup = (rest = {}) => connect(rest).lookup!(jobOf(), signal());

    it('should not know what was never created', async () => {
      expect(await lookup()).toEqual({ kind: 'unknown' });
      expect(standIn.jobs.size).toBe(0);
    });

    it('should tell running from delivered', async () => {
      standIn.script({ end: 'never' });
      const end = new AbortController();
      connect()
        .dispatch(jobOf(), end.signal)
        .catch(() => undefined);
      await eventually(() => {
        expect(standIn.jobs.size).toBe(1);
      });
      end.abort('shutdown');
      expect(await lookup()).toEqual({ kind: 'running' });
      await standIn.move(jobOf().id);
      expect(filesOf((await lookup()) as Outcome)).toHaveLength(2);
    });

    it.each([
      ['is ill', { kind: 'raw', status: 503 }],
      ['is gone', { kind: 'reset' }],
    ] as const)('should not take a job for lost when the provider %s', async (_, reply) => {
      standIn.always('GET', reply);
      expect(await lookup()).toEqual({ kind: 'running' });
    });

    it('should end with the reason when it is stopped', async () => {
      standIn.always('GET', { kind: 'stall', after: 'nothing' });
      const reason = new Error('enough');
      const controller = new AbortController();
      const asked = connect().lookup!(jobOf(), controller.signal);
      controller.abort(reason);
      await expect(asked).rejects.toBe(reason);
    });
  });

  it('should log neither prompt, key nor links', async () => {
    standIn.script({ end: 'failed', error: { message: `${PROMPT} ${KEY}` } });
    await dispatch(connect());
    standIn.always('GET /jobs', { kind: 'reset' });
    await connect().lookup!(jobOf(), new AbortController().signal);
    standIn.always('POST', { kind: 'raw', status: 401, body: KEY });
    await dispatch(connect());
    const logged = JSON.stringify(setup.logged);
    expect(logged.length).toBeGreaterThan(2);
    for (const secret of [PROMPT, KEY, standIn.url]) expect(logged).not.toContain(secret);
  });
});
