import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import type { Assets } from '../src/assets.js';
import { makeAssets } from '../src/assets/by-url.js';
import { makeLinks, outputLink, uploadLink, type Links } from '../src/links.js';
import { makeServeOutput } from '../src/server/outputs.js';
import { store } from './contract/assets.contract.js';
import { makeManualClock, type ManualClock } from './world/clock.js';
import { openDoor, textOf, type Door } from './world/door.js';
import { eventually } from './world/eventually.js';
import { settled } from './world/settled.js';
import { recordingLog, type RecordingLog } from './world/log.js';

const NOW = Date.UTC(2026, 10, 23, 12);
const KEY = 'a1b2/0190/0.png';
const TEN = '0123456789';

let clock: ManualClock;
let links: Links;
let assets: Assets;
let log: RecordingLog;
let directory: string;
let door: Door;
const more: Door[] = [];

beforeEach(async () => {
  clock = makeManualClock(NOW);
  links = makeLinks({ key: Buffer.from('a key for tests'), clock });
  log = recordingLog();
  directory = await mkdtemp(join(tmpdir(), 'door-'));
  assets = makeAssets({ url: pathToFileURL(directory).href, s3: null });
  await store(assets, KEY, Buffer.from(TEN));
  door = await openDoor(makeServeOutput({ links, assets, clock, log }));
});

afterEach(async () => {
  await Promise.all([door, ...more.splice(0)].map((one) => one.dispose()));
  await rm(directory, { recursive: true });
});

function urlOf(key = KEY, name = 'a.png', download = false): string {
  return links.sign(outputLink({ key, name, download }), door.url);
}

async function ask(headers: Record<string, string> = {}, method = 'GET', url = urlOf()) {
  const response = await fetch(url, { method, headers });
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    text: await response.text(),
  };
}

/** A door over one stream, and a way to it; `sent` counts what was read from it. */
async function doorTo(stream: Readable, bytes: number): Promise<string> {
  const one = {
    open: () => Promise.resolve({ stream, bytes }),
    size: () => Promise.resolve(bytes),
  };
  const other = await openDoor(makeServeOutput({ links, assets: one, clock, log }));
  more.push(other);
  return links.sign(outputLink({ key: KEY, name: 'a.png', download: false }), other.url);
}

describe('a whole output', () => {
  it('should come with all that a browser needs to show and keep it', async () => {
    const { status, headers, text } = await ask();
    expect([status, text]).toEqual([200, TEN]);
    expect(headers).toMatchObject({
      'content-type': 'image/png',
      'content-length': '10',
      'content-disposition': 'inline; filename="a.png"',
      'accept-ranges': 'bytes',
      etag: expect.stringMatching(/^"[\w-]{22}"$/) as string,
      'cache-control': expect.stringMatching(/^private, max-age=3[67]\d\d, immutable$/) as string,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "sandbox; default-src 'none'",
      'cross-origin-resource-policy': 'cross-origin',
    });
  });

  it('should be the bytes themselves, many of them', async () => {
    const bytes = randomBytes(3_000_000);
    await store(assets, 'a/film.mp4', bytes);
    const response = await fetch(urlOf('a/film.mp4'));
    expect(response.headers.get('content-type')).toBe('video/mp4');
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
  });

  it('should say as much without the bytes to HEAD, whatever range it names', async () => {
    const { headers } = await ask();
    const head = await ask({ range: 'bytes=0-1' }, 'HEAD');
    expect([head.status, head.text]).toEqual([200, '']);
    const { etag } = headers;
    expect(head.headers).toMatchObject({ etag, 'content-length': '10', 'accept-ranges': 'bytes' });
    expect(head.headers).not.toHaveProperty('content-range');
  });

  it('should be named as the link says', async () => {
    const { headers } = await ask({}, 'GET', urlOf(KEY, 'é.png'));
    expect(headers['content-disposition']).toBe(
      `inline; filename="_.png"; filename*=UTF-8''%C3%A9.png`,
    );
  });

  it('should be saved when the link says so', async () => {
    const { headers } = await ask({}, 'GET', urlOf(KEY, 'a.png', true));
    expect(headers['content-disposition']).toBe('attachment; filename="a.png"');
  });

  it.each([
    ['a/b.txt', 'text/plain; charset=utf-8'],
    ['a/b.json', 'application/json'],
    ['a/b.svg', 'application/octet-stream'],
    ['a/b.html', 'application/octet-stream'],
  ])('should always be saved, and never shown, as %s', async (key, contentType) => {
    await store(assets, key, Buffer.from('<script>alert(1)</script>'));
    const { headers } = await ask({}, 'GET', urlOf(key, 'b'));
    expect(headers).toMatchObject({
      'content-type': contentType,
      'content-disposition': 'attachment; filename="b"',
    });
  });

  it('should be sent when it is empty', async () => {
    await store(assets, 'a/empty.png', Buffer.alloc(0));
    const { status, headers, text } = await ask({}, 'GET', urlOf('a/empty.png'));
    expect([status, headers['content-length'], text]).toEqual([200, '0', '']);
  });
});

describe('a part of an output', () => {
  it.each([
    ['bytes=2-5', '2345', 'bytes 2-5/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-4', '6789', 'bytes 6-9/10'],
    ['bytes=0-999', TEN, 'bytes 0-9/10'],
  ])('should be sent for %s', async (range, text, contentRange) => {
    const part = await ask({ range });
    expect([part.status, part.text]).toEqual([206, text]);
    expect(part.headers).toMatchObject({
      'content-range': contentRange,
      'content-length': String(text.length),
      'content-type': 'image/png',
      etag: (await ask()).headers.etag,
    });
  });

  it.each(['bytes=10-', 'bytes=-0'])('should not be there for %s', async (range) => {
    const { status, headers } = await ask({ range });
    expect([status, headers['content-range']]).toEqual([416, 'bytes */10']);
    expect(headers).not.toHaveProperty('etag');
  });

  it.each(['bytes=0-1,4-5', 'bytes=5-2', 'lines=1-2'])(
    'should be all of it for %s',
    async (range) => {
      const { status, text } = await ask({ range });
      expect([status, text]).toEqual([200, TEN]);
    },
  );

  it('should be sent only to who holds a part of the same file', async () => {
    const { etag = '' } = (await ask()).headers;
    const statuses = [];
    for (const held of [etag, `W/${etag}`, '"another"', new Date(NOW).toUTCString()]) {
      statuses.push((await ask({ range: 'bytes=0-1', 'if-range': held })).status);
    }
    expect(statuses).toEqual([206, 200, 200, 200]);
  });
});

describe('an output that is known already', () => {
  it('should not be sent again', async () => {
    const { etag = '', 'cache-control': kept } = (await ask()).headers;
    for (const known of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
      const again = await ask({ 'if-none-match': known, range: 'bytes=0-1' });
      expect([again.status, again.text]).toEqual([304, '']);
      expect(again.headers).toMatchObject({ etag, 'cache-control': kept });
    }
    expect((await ask({ 'if-none-match': '"x"' })).text).toBe(TEN);
    expect((await ask({ 'if-none-match': etag }, 'HEAD')).status).toBe(304);
  });

  it('should have another tag than every other', async () => {
    await store(assets, 'a/b.png', Buffer.from(TEN));
    const { etag } = (await ask({}, 'GET', urlOf('a/b.png'))).headers;
    expect((await ask()).headers.etag).not.toBe(etag);
  });

  it('should be told to be gone once it is', async () => {
    const { etag = '' } = (await ask()).headers;
    await assets.remove(KEY);
    for (const headers of [{}, { 'if-none-match': etag }, { range: 'bytes=0-1' }]) {
      expect((await ask(headers)).status).toBe(404);
    }
    expect((await ask({}, 'HEAD')).status).toBe(404);
  });
});

describe('a request for an output', () => {
  it('should be refused without a link to it that holds', async () => {
    const upload = links.sign(uploadLink('0190'), door.url);
    for (const bad of [urlOf().replace('/0.png', '/1.png'), upload, `${door.url}/outputs/x`]) {
      const { status, text } = await ask({}, 'GET', bad);
      expect([status, text]).toEqual([
        403,
        "This link is invalid. Ask the API for the output's url again.\n",
      ]);
    }
    const old = urlOf();
    clock.advance(67 * 60_000);
    expect((await ask({}, 'GET', old)).text).toMatch(/^This link is expired/);
  });

  it('should only read', async () => {
    const { status, headers } = await ask({}, 'DELETE');
    expect([status, headers.allow]).toEqual([405, 'GET, HEAD']);
  });
});

describe('a reader of an output', () => {
  it('should let go of the file when it goes', async () => {
    const stream = new Readable({ read: () => undefined });
    stream.push('begin');
    const stop = new AbortController();
    const response = await fetch(await doorTo(stream, 100), { signal: stop.signal });
    expect(response.status).toBe(200);
    stop.abort();
    await eventually(() => {
      expect(stream.destroyed).toBe(true);
    });
  });

  it('should let go of the file also when it went before that was open', async () => {
    const stream = new Readable({ read: () => undefined });
    let open: (() => void) | undefined;
    const slow = {
      open: () =>
        new Promise<{ stream: Readable; bytes: number }>((resolve) => {
          open = () => {
            resolve({ stream, bytes: 5 });
          };
        }),
      size: () => Promise.resolve(5),
    };
    let closed = false;
    const serve = makeServeOutput({ links, assets: slow, clock, log });
    const other = await openDoor((req, res) => {
      res.once('close', () => (closed = true));
      return serve(req, res);
    });
    more.push(other);
    const { pathname, search } = new URL(urlOf());
    const socket = await other.raw(`GET ${pathname}${search} HTTP/1.1\r\nhost: x\r\n\r\n`);
    await eventually(() => {
      expect(open).toBeDefined();
    });
    socket.destroy();
    await eventually(() => {
      expect(closed).toBe(true);
    });
    open?.();
    await eventually(() => {
      expect(stream.destroyed).toBe(true);
    });
    expect(other.faults).toEqual([]);
  });

  it('should see a cut connection when the file cannot be read to its end', async () => {
    const stream = new Readable({ read: () => undefined });
    stream.push('begin');
    const response = await fetch(await doorTo(stream, 100));
    stream.destroy(new Error('the disk is gone'));
    await expect(response.text()).rejects.toThrow();
    await eventually(() => {
      expect(log.lines).toMatchObject([{ level: 'debug', message: /not sent to its end/ }]);
    });
  });

  it('should be cut off after two minutes without reading, and not before', async () => {
    let read = 0;
    const stream = new Readable({
      read() {
        read += 1;
        this.push(Buffer.alloc(64 * 1024));
      },
    });
    const url = await doorTo(stream, 2 ** 40);
    const response = await new Promise<Readable>((resolve) => get(url, resolve));
    await settled(() => read);
    clock.advance(119_999);
    expect(stream.destroyed).toBe(false);
    // Something is read: two minutes more.
    const before = read;
    response.resume();
    await eventually(() => {
      expect(read).toBeGreaterThan(before + 20);
    });
    response.pause();
    await settled(() => read);
    clock.advance(1);
    expect(stream.destroyed).toBe(false);
    clock.advance(120_000);
    await eventually(() => {
      expect(stream.destroyed).toBe(true);
    });
    response.destroy();
  });

  it('should be able to go on where it was cut off', async () => {
    const { pathname, search } = new URL(urlOf());
    const socket = await door.raw(
      `GET ${pathname}${search} HTTP/1.1\r\nhost: x\r\nrange: bytes=8-\r\nconnection: close\r\n\r\n`,
    );
    expect(await textOf(socket)).toMatch(/^HTTP\/1\.1 206 .*\r\n\r\n89$/s);
  });
});
