import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkConformance, lineOf, type CheckResult } from '../src/conformance.js';
import { decodePng } from './decode-png.js';
import { bytesOf } from './contract/provider.samples.js';
import { CALLBACK_SECRET, KEY, startHttpProvider } from './standins/http-provider.js';
import type { HttpStandInOptions, Script, Seen, Sent } from './standins/http-provider.js';
import { jobOf, startHttpSetup } from './standins/http-setup.js';
import { status } from './standins/http-replies.js';
import { eventually } from './world/eventually.js';

const CHECKS = [
  'create',
  'create again',
  'end',
  'outputs',
  'create after the end',
  'callback',
  'cancel',
  'unknown job',
  'wrong key',
  'malformed body',
];
const OTHER_SECRET = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;

async function check(url: string, changes = {}): Promise<CheckResult[]> {
  const options = {
    url,
    key: KEY,
    action: 'image.generate',
    callbackSecret: CALLBACK_SECRET,
    outputOrigins: [],
    withinMs: 5_000,
    ...changes,
  };
  const results: CheckResult[] = [];
  for await (const result of checkConformance(options)) results.push(result);
  expect(results.map(({ name }) => name)).toEqual(CHECKS);
  return results;
}

function failing(results: CheckResult[]): string[] {
  return results.filter(({ verdict }) => verdict === 'FAIL').map(({ name }) => name);
}

async function checkStandIn(options: HttpStandInOptions, changes = {}): Promise<CheckResult[]> {
  const standIn = await startHttpProvider(options);
  try {
    return await check(standIn.url, changes);
  } finally {
    await standIn.dispose();
  }
}

type Bend = NonNullable<HttpStandInOptions['bend']>;
type State = Record<string, unknown>;

/** Changes the answers to one method; '' is all of them. */
function on(method: string, change: (json: State, seen: Seen) => Partial<Sent>): Bend {
  return (seen, sent) =>
    seen.method.startsWith(method) ? { ...sent, ...change(sent.json as State, seen) } : sent;
}

/** Changes every job that is answered. */
function onState(changes: object): Bend {
  return (_, sent) =>
    sent.status < 300 ? { ...sent, json: { ...(sent.json as State), ...changes } } : sent;
}

/** Changes what is answered to an id that is known. */
function repeated(changes: Partial<Sent>): Bend {
  return (seen, sent) =>
    seen.method === 'POST' && sent.status === 200 ? { ...sent, ...changes } : sent;
}

function right({ headers }: Seen): boolean {
  return headers.authorization === `Bearer ${KEY}`;
}

const restarted: Bend = ({ method }, sent) => {
  const state = sent.json as State | null;
  return method === 'POST' && state?.status === 'succeeded'
    ? { ...sent, json: { id: state.id, status: 'queued' } }
    : sent;
};

/** Looks at the key only when the job is made. */
const worksFirst: Bend = (seen, sent, jobs) => {
  const id = String(seen.body.id);
  if (seen.method === 'POST' && !right(seen)) {
    const state = { id, status: 'queued' };
    jobs.set(id, { script: { end: 'never', looks: 1 }, request: seen.body, state, looks: 0 });
  }
  return sent;
};

const knowsAll: Bend = ({ method, path }, sent) =>
  method === 'GET' && sent.status === 404
    ? { ...sent, status: 200, json: { id: path.split('/').at(-1), status: 'running' } }
    : sent;

function outputAt(url: string): Bend {
  return (_, sent) =>
    (sent.json as State | null)?.outputs
      ? { ...sent, json: { ...(sent.json as State), outputs: [{ url }] } }
      : sent;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe('checkConformance', () => {
  it('should pass a provider that does it right', async () => {
    const results = await checkStandIn({});
    expect(results.map(lineOf).filter((line) => !line.startsWith('PASS'))).toEqual([]);
  });

  it('should make two jobs, of the action it is told', async () => {
    const standIn = await startHttpProvider();
    try {
      await check(standIn.url, { action: 'video.generate' });
      expect(standIn.jobs.size).toBe(2);
      for (const { request } of standIn.jobs.values()) {
        expect(request).toMatchObject({ action: 'video.generate', kind: 'video' });
      }
    } finally {
      await standIn.dispose();
    }
  });

  it('should skip callbacks without a secret', async () => {
    const results = await checkStandIn({ callbackSecret: null }, { callbackSecret: null });
    expect(results.filter(({ verdict }) => verdict !== 'PASS')).toMatchObject([
      { name: 'callback', verdict: 'SKIP' },
    ]);
  });

  it('should come back to a provider that is busy', async () => {
    const standIn = await startHttpProvider();
    try {
      standIn.next('POST', status(429, { 'retry-after': '1' }));
      expect(failing(await check(standIn.url))).toEqual([]);
    } finally {
      await standIn.dispose();
    }
  });

  it('should say in one line what to do', async () => {
    const results = await checkStandIn({ bend: onState({ progress: 40 }) });
    const [line] = results.filter(({ verdict }) => verdict === 'FAIL').map(lineOf);
    expect(line).toMatch(
      /^FAIL {2}create: POST \/jobs: progress is wrong .*Answer a whole job\.\n$/,
    );
  });

  it('should ask about the key when it is refused', async () => {
    const [created] = await checkStandIn({}, { key: 'wrong' });
    expect(created).toMatchObject({
      verdict: 'FAIL',
      says: expect.stringContaining('--key') as string,
    });
  });

  it('should fail where nobody answers', async () => {
    const results = await check(`http://127.0.0.1:${await freePort()}`);
    expect(results[0]).toMatchObject({
      verdict: 'FAIL',
      says: expect.stringContaining('ECONNREFUSED') as string,
    });
  });

  it.each([
    [{ url: 'localhost:9000' }, '--url'],
    [{ callbackSecret: 'secret' }, '--callback-secret'],
    [{ callbackSecret: 'whsec_%' }, '--callback-secret'],
  ])('should refuse options that cannot be right: %j', async (changes, words) => {
    await expect(check('http://127.0.0.1:9', changes)).rejects.toThrow(words);
  });

  const cut = 'x'.repeat(2 ** 20);
  it.each<[string, HttpStandInOptions & { script?: Partial<Script> }, string[]]>([
    ['answers no JSON', { bend: on('POST', () => ({ json: undefined })) }, ['create']],
    ['answers 204', { bend: on('POST', ({ id }) => (id ? { status: 204 } : {})) }, ['create']],
    ['renames jobs', { bend: onState({ id: 'mine' }) }, ['create']],
    ['knows other statuses', { bend: onState({ status: 'done' }) }, ['create']],
    ['sends files in its answers', { bend: onState({ extra: cut }) }, ['create']],
    [
      'counts in percent',
      { bend: on('GET', (json) => ({ json: { ...json, progress: 50 } })) },
      ['end', 'cancel'],
    ],
    [
      'refuses a repeated id',
      { bend: repeated({ status: 409 }) },
      ['create again', 'create after the end'],
    ],
    [
      'makes a second job of it',
      { bend: repeated({ json: { id: 'second', status: 'queued' } }) },
      ['create again', 'create after the end'],
    ],
    ['begins anew after the end', { bend: restarted }, ['create after the end']],
    ['never ends', { script: { end: 'never' } }, ['end']],
    ['fails', { script: { end: 'failed', error: { message: 'no' } } }, ['end']],
    ['delivers nothing', { script: { outputs: 0 } }, ['outputs']],
    ['delivers too much', { script: { outputs: 3 } }, ['outputs']],
    ['has no such file', { bend: outputAt('/nothing') }, ['outputs']],
    ['delivers from elsewhere', { bend: outputAt('https://elsewhere.example/1.png') }, ['outputs']],
    ['knows every job', { bend: knowsAll }, ['unknown job']],
    [
      'cannot call off',
      { bend: on('DELETE', (_, seen) => (right(seen) ? { status: 405 } : {})) },
      ['cancel'],
    ],
    ['takes any key', { anyKey: true }, ['wrong key']],
    ['refuses a key too late', { bend: worksFirst }, ['wrong key']],
    [
      'answers 403 to a wrong key',
      { bend: on('', (_, seen) => (right(seen) ? {} : { status: 403 })) },
      ['wrong key'],
    ],
    [
      'fails over a malformed body',
      { bend: (_, sent) => (sent.status === 400 ? { ...sent, status: 500 } : sent) },
      ['malformed body'],
    ],
    ['does not call back', { callbackSecret: null }, ['callback']],
    ['signs with another secret', { callbackSecret: OTHER_SECRET }, ['callback']],
  ])(
    'should find out a provider that %s',
    async (_, { script, ...options }, expected) => {
      const standIn = await startHttpProvider(options);
      try {
        if (script) standIn.script(script);
        const results = await check(standIn.url, { withinMs: 1_000 });
        expect(failing(results)).toEqual(expected);
      } finally {
        await standIn.dispose();
      }
    },
    60_000,
  );
});

describe('the example of docs/PROVIDERS.md', () => {
  let directory: string;
  let example: ChildProcess;
  let url: string;

  beforeAll(async () => {
    const [, source = ''] =
      /^```js\n(.*?)^```$/ms.exec(await readFile('docs/PROVIDERS.md', 'utf8')) ?? [];
    directory = await mkdtemp(join(tmpdir(), 'genquota-example-'));
    const file = join(directory, 'provider.mjs');
    await writeFile(file, source);
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const env = { PATH: process.env.PATH, PORT: String(port), KEY, CALLBACK_SECRET };
    example = spawn(process.execPath, [file], { env, stdio: 'inherit' });
    await eventually(() => fetch(url));
  });
  afterAll(async () => {
    const gone = once(example, 'exit');
    example.kill();
    await gone;
    await rm(directory, { recursive: true });
  });

  it('should pass every check', async () => {
    const lines = (await check(url)).map(lineOf);
    expect(lines.filter((line) => !line.startsWith('PASS'))).toEqual([]);
  });

  it('should deliver pictures to the gateway', async () => {
    const { connect, dispatch, standIn } = await startHttpSetup();
    await standIn.dispose();
    const outcome = await dispatch(connect({ url }), jobOf());
    if (outcome.kind !== 'delivered') throw new Error(outcome.failure.message);
    for (const { content } of outcome.files) {
      const { width, height } = decodePng(await bytesOf(content));
      expect([width, height]).toEqual([256, 256]);
    }
  });
});
