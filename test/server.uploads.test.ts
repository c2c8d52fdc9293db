import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { App } from '../src/app.js';
import { TooLarge, type Assets } from '../src/assets.js';
import { makeAssets } from '../src/assets/by-url.js';
import { Fault } from '../src/domain/fault.js';
import { exportLink, makeLinks, uploadLink, type Links } from '../src/links.js';
import { makeServeUpload } from '../src/server/uploads.js';
import { makeManualClock, type ManualClock } from './world/clock.js';
import { openDoor, textOf, type Door } from './world/door.js';
import { eventually } from './world/eventually.js';

const ID = randomUUID();
const MAX_BYTES = 5_000_000;

type Receive = App['receiveUpload'];

let clock: ManualClock;
let links: Links;
let assets: Assets;
let directory: string;
let door: Door;
let receive: Receive;
/** SHA-256 of what was received whole. */
let received: string[];

beforeEach(async () => {
  clock = makeManualClock(Date.UTC(2026, 10, 23));
  links = makeLinks({ key: Buffer.from('a key for tests'), clock });
  directory = await mkdtemp(join(tmpdir(), 'door-'));
  assets = makeAssets({ url: pathToFileURL(directory).href, s3: null });
  received = [];
  receive = toDisk;
  door = await openDoor(
    makeServeUpload({ app: { receiveUpload: (...given) => receive(...given) }, links, clock }),
  );
});

afterEach(async () => {
  await door.dispose();
  await rm(directory, { recursive: true });
});

/** Does what the use case does with the bytes. */
const toDisk: Receive = async (_id, content) => {
  try {
    const file = await assets.receive(content, { maxBytes: MAX_BYTES });
    received.push(file.sha256);
    await file.discard();
    return { kind: 'stored' };
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error;
    return { kind: 'refused', status: 413, message: 'Send a smaller one.' };
  }
};

const urlOf = (): string => links.sign(uploadLink(ID), door.url);

async function put(body: Uint8Array | string, headers: Record<string, string> = {}, url = urlOf()) {
  const response = await fetch(url, { method: 'PUT', body, headers });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

function rawPut(headers: string, url = urlOf()): string {
  const { pathname, search } = new URL(url);
  return `PUT ${pathname}${search} HTTP/1.1\r\nhost: x\r\n${headers}\r\n\r\n`;
}

const partsLeft = async (): Promise<string[]> => readdir(join(directory, 'incoming'));

describe('an upload', () => {
  it('should be taken as it is', async () => {
    const bytes = randomBytes(3_000_000);
    const seen: string[] = [];
    receive = (id, content) => {
      seen.push(id);
      return toDisk(id, content);
    };
    const { status, body } = await put(bytes);
    expect([status, body, seen]).toEqual([201, { generationId: ID }, [ID]]);
    expect(received).toEqual([createHash('sha256').update(bytes).digest('hex')]);
  });

  it('should be taken in chunks without a length', async () => {
    const { pathname, search, port } = new URL(urlOf());
    const answer = await new Promise<number | undefined>((resolve, reject) => {
      const req = request({ port, path: pathname + search, method: 'PUT' }, (res) => {
        res.resume();
        resolve(res.statusCode);
      });
      req.on('error', reject);
      req.write('one');
      setImmediate(() => req.end('two'));
    });
    expect(answer).toBe(201);
    expect(received).toEqual([createHash('sha256').update('onetwo').digest('hex')]);
  });

  it('should be answered the same when it was there before, body read or not', async () => {
    receive = () => Promise.resolve({ kind: 'standing' });
    const { status, body } = await put(randomBytes(3_000_000));
    expect([status, body]).toEqual([200, { generationId: ID }]);
  });

  it.each([404, 409, 410, 413, 415, 422, 503] as const)(
    'should be refused with %i where the use case says so',
    async (status) => {
      receive = () => Promise.resolve({ kind: 'refused', status, message: 'No. Do this.' });
      const answer = await put('x');
      expect([answer.status, answer.body]).toEqual([
        status,
        { error: { message: 'No. Do this.' } },
      ]);
      expect(answer.headers.get('retry-after')).toBe(status === 503 ? '2' : null);
    },
  );

  it('should keep the connection for the next one', async () => {
    const socket = await door.raw(
      `${rawPut('content-length: 3')}one${rawPut('content-length: 3\r\nconnection: close')}two`,
    );
    expect((await textOf(socket)).match(/HTTP\/1\.1 201/g)).toHaveLength(2);
  });

  it('should say that the ledger is away', async () => {
    receive = () => Promise.reject(new Fault('UNAVAILABLE', 'Try again in a moment.'));
    const answer = await put('x');
    expect([answer.status, answer.body]).toEqual([
      503,
      { error: { message: 'Try again in a moment.' } },
    ]);
  });

  it('should pass on what nobody expected, and end the connection', async () => {
    const bug = new Error('a bug');
    receive = async (_id, content) => {
      await (content as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]().next();
      throw bug;
    };
    const socket = await door.raw(`${rawPut('content-length: 1000')}half`);
    expect(await textOf(socket)).toMatch(/^HTTP\/1\.1 500 .*connection: close\r\n/is);
    expect(door.faults).toEqual([bug]);
  });
});

describe('a request to upload', () => {
  it.each([
    ['POST', {}, 405],
    ['GET', {}, 405],
    ['PUT', { 'content-encoding': 'gzip' }, 415],
    ['PUT', { 'content-range': 'bytes 0-0/5' }, 400],
  ])('should be refused as %s with %j', async (method, headers, status) => {
    receive = () => Promise.reject(new Error('was asked'));
    const body = method === 'GET' ? undefined : 'x';
    const response = await fetch(urlOf(), { method, headers, ...(body && { body }) });
    expect(response.status).toBe(status);
    expect(await response.json()).toHaveProperty('error.message');
    expect(response.headers.get('allow')).toBe(status === 405 ? 'PUT' : null);
    expect(door.faults).toEqual([]);
  });

  it('should be refused without a link that holds', async () => {
    receive = () => Promise.reject(new Error('was asked'));
    const other = links.sign(uploadLink(ID), door.url).replace(ID, randomUUID());
    const exported = links.sign(exportLink('ada'), door.url);
    for (const bad of [other, exported, `${door.url}/uploads/${ID}`]) {
      const { status, body } = await put('x', {}, bad);
      expect([status, body]).toEqual([
        403,
        { error: { message: 'This link is invalid. Ask uploadReference for a new one.' } },
      ]);
    }
    const old = links.sign(uploadLink(ID), door.url, clock.now() + 1_000);
    clock.advance(1_000);
    expect((await put('x', {}, old)).body).toHaveProperty(
      'error.message',
      expect.stringContaining('expired'),
    );
  });
});

describe('a caller who is refused while it sends', () => {
  const BIG = `content-length: ${100 * MAX_BYTES}`;

  it('should get its answer although it goes on sending, and be closed on when it stops', async () => {
    const socket = await door.raw(rawPut(BIG));
    let sent = 0;
    let open = true;
    const flood = (): void => {
      while (open && sent < 40_000_000 && socket.write(Buffer.alloc(64 * 1024))) sent += 64 * 1024;
    };
    socket.on('drain', flood);
    socket.once('close', () => (open = false));
    flood();
    const text = textOf(socket);
    await eventually(() => {
      expect(sent).toBeGreaterThanOrEqual(40_000_000);
    });
    // All that it sent was taken from it; nothing more comes.
    clock.advance(5_000);
    expect(await text).toMatch(/^HTTP\/1\.1 413 .*connection: close.*Send a smaller one\./is);
    expect(await partsLeft()).toEqual([]);
  });

  it('should be closed on at once when it has sent everything', async () => {
    receive = () => Promise.resolve({ kind: 'refused', status: 404, message: 'Gone.' });
    const socket = await door.raw(rawPut('content-length: 300000'));
    const text = textOf(socket);
    socket.write(Buffer.alloc(200_000));
    setTimeout(() => socket.write(Buffer.alloc(100_000)), 50);
    expect(await text).toMatch(/^HTTP\/1\.1 404 .*Gone\./s);
  });

  it('should not be listened to for more than five seconds', async () => {
    receive = () => Promise.resolve({ kind: 'refused', status: 404, message: 'Gone.' });
    const socket = await door.raw(rawPut(BIG));
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await eventually(() => {
      expect(text).toMatch(/^HTTP\/1\.1 404 .*Gone\./s);
    });
    clock.advance(4_999);
    expect(socket.closed).toBe(false);
    clock.advance(1);
    await eventually(() => {
      expect(socket.closed).toBe(true);
    });
  });
});

describe('a caller who sends too slowly, or not at all', () => {
  it('should be told after 100 s, and nothing be left of what came', async () => {
    const socket = await door.raw(`${rawPut('content-length: 1000')}half`);
    const text = textOf(socket);
    await eventually(async () => {
      expect(await partsLeft()).toHaveLength(1);
    });
    clock.advance(99_999);
    expect(await partsLeft()).toHaveLength(1);
    clock.advance(1);
    await eventually(async () => {
      expect(await partsLeft()).toEqual([]);
    });
    clock.advance(5_000);
    expect(await text).toMatch(/^HTTP\/1\.1 408 .*within 100 s/s);
  });

  it('should leave nothing behind when it goes away', async () => {
    const socket = await door.raw(`${rawPut('content-length: 1000')}half`);
    await eventually(async () => {
      expect(await partsLeft()).toHaveLength(1);
    });
    socket.destroy();
    await eventually(async () => {
      expect(await partsLeft()).toEqual([]);
    });
    expect(door.faults).toEqual([]);
    expect(received).toEqual([]);
  });

  it('should not hurt when nobody reads what it sends', async () => {
    let answer: ((value: Awaited<ReturnType<Receive>>) => void) | undefined;
    receive = () => new Promise((resolve) => (answer = resolve));
    const socket = await door.raw(`${rawPut('content-length: 1000')}half`);
    await eventually(() => {
      expect(answer).toBeDefined();
    });
    socket.destroy();
    clock.advance(100_000);
    await new Promise((resolve) => setTimeout(resolve, 50));
    answer?.({ kind: 'refused', status: 503, message: 'Later.' });
    await new Promise((resolve) => setImmediate(resolve));
    expect(door.faults).toEqual([]);
  });

  it('should not be told to be late when its file has come', async () => {
    let answer: ((value: ReturnType<Receive>) => void) | undefined;
    receive = async (id, content) => {
      await toDisk(id, content);
      return new Promise((resolve) => (answer = resolve));
    };
    const asked = put('x');
    await eventually(() => {
      expect(answer).toBeDefined();
    });
    clock.advance(100_000);
    answer?.(Promise.reject(new Fault('UNAVAILABLE', 'Try again in a moment.')));
    expect((await asked).status).toBe(503);
  });
});
