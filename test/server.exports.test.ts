import { randomBytes } from 'node:crypto';
import { get, type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { ArchiveEntry } from '../src/app/archive.js';
import { Fault } from '../src/domain/fault.js';
import { exportLink, makeLinks, uploadLink, type Links } from '../src/links.js';
import { makeServeExport } from '../src/server/exports.js';
import { makeManualClock, type ManualClock } from './world/clock.js';
import { endless, media, of } from './standins/archive.js';
import { settled } from './world/settled.js';
import { unzip, type Found } from './world/unzip.js';
import { openDoor, type Door } from './world/door.js';
import { eventually } from './world/eventually.js';
import { recordingLog, type RecordingLog } from './world/log.js';

const NOW = Date.UTC(2026, 10, 23, 22, 30);
const MIB = 2 ** 20;

let clock: ManualClock;
let links: Links;
let log: RecordingLog;
let door: Door;
let archive: (account: string) => AsyncGenerator<ArchiveEntry>;

beforeEach(async () => {
  clock = makeManualClock(NOW);
  links = makeLinks({ key: Buffer.from('a key for tests'), clock });
  log = recordingLog();
  archive = of({ name: 'README.txt', content: Buffer.from('hello') });
  door = await openDoor(
    makeServeExport({ app: { archive: (account) => archive(account) }, links, clock, log }),
  );
});

afterEach(() => door.dispose());

const urlOf = (account = 'ada'): string => links.sign(exportLink(account), door.url);

async function download(): Promise<Map<string, Found>> {
  const response = await fetch(urlOf());
  expect(response.status).toBe(200);
  return unzip(Buffer.from(await response.arrayBuffer()));
}

/** The beginning of an archive, of which nothing more is read. */
function begin(url = urlOf()): Promise<IncomingMessage> {
  return new Promise((resolve) => get(url, resolve));
}

describe('an archive', () => {
  it('should hold every file as it is: text compressed, media not', async () => {
    const film = randomBytes(MIB);
    const text = Buffer.alloc(300_000, 'words ');
    archive = of(
      { name: 'account.json', content: text },
      media('files/film.mp4', () => Readable.from([film], { objectMode: false })),
      { name: 'empty.json', content: Buffer.alloc(0) },
      media('files/empty.txt', () => Readable.from([])),
      { name: 'ünï/é.json', content: Buffer.from('{}') },
    );
    const files = await download();
    expect([...files.keys()]).toEqual([
      'account.json',
      'files/film.mp4',
      'empty.json',
      'files/empty.txt',
      'ünï/é.json',
    ]);
    expect(files.get('account.json')).toEqual({ bytes: text, stored: false, at: NOW });
    expect(files.get('files/film.mp4')?.bytes.equals(film)).toBe(true);
    expect(files.get('files/film.mp4')?.stored).toBe(true);
    expect(files.get('empty.json')?.bytes).toHaveLength(0);
  });

  it('should be a download that nobody keeps', async () => {
    const response = await fetch(urlOf());
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/zip',
      'content-disposition': 'attachment; filename="genquota-export-2026-11-23.zip"',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    await response.arrayBuffer();
    const head = await fetch(urlOf(), { method: 'HEAD' });
    expect([head.status, head.headers.get('content-type')]).toEqual([200, 'application/zip']);
  });

  it('should be of the account that the link names', async () => {
    const asked: string[] = [];
    const inner = archive;
    archive = (account) => {
      asked.push(account);
      return inner(account);
    };
    await (await fetch(urlOf('ada@example.com/é'))).arrayBuffer();
    expect(asked).toEqual(['ada@example.com/é']);
  });

  it('should name what is gone', async () => {
    archive = of(
      media('files/gone.png', () => null),
      { name: 'account.json', content: Buffer.from('{}') },
      media('files/gone too.png', () => null),
    );
    const files = await download();
    expect([...files.keys()]).toEqual(['account.json', 'missing.json']);
    expect(JSON.parse(String(files.get('missing.json')?.bytes))).toEqual([
      'files/gone.png',
      'files/gone too.png',
    ]);
  });

  it('should be an archive also when there is nothing', async () => {
    archive = of();
    expect((await download()).size).toBe(0);
  });

  it('should have one file open at a time, whatever their number', async () => {
    let open = 0;
    let most = 0;
    const file = (): Readable => {
      most = Math.max(most, (open += 1));
      const stream = Readable.from([randomBytes(10_000)], { objectMode: false });
      return stream.once('close', () => (open -= 1));
    };
    archive = of(...Array.from({ length: 300 }, (_, index) => media(`files/${index}.png`, file)));
    expect((await download()).size).toBe(300);
    expect([most, open]).toEqual([1, 0]);
  });

  it('should be read no faster than its caller takes it', async () => {
    const film = endless();
    archive = of(media('film.mp4', () => film));
    const response = await begin();
    await settled(() => film.seen.read);
    // What the sockets in between take: a few megabytes.
    expect(film.seen.read).toBeLessThan(32 * MIB);
    response.destroy();
  });

  it('should not ask for the next text before the last one is taken', async () => {
    const pages = Array.from({ length: 48 }, (_, index) => ({
      name: `${index}.json`,
      content: randomBytes(MIB / 2),
    }));
    const entries = of(...pages);
    archive = entries;
    const response = await begin();
    await settled(() => entries.seen.asked);
    expect(entries.seen.asked).toBeLessThan(40);
    response.destroy();
  });
});

describe('a caller of an archive', () => {
  it('should leave nothing open when it goes', async () => {
    const film = endless();
    const entries = of(
      media('film.mp4', () => film),
      media('next.mp4', endless),
    );
    archive = entries;
    const response = await begin();
    response.destroy();
    await eventually(() => {
      expect([film.destroyed, entries.seen]).toEqual([true, { asked: 1, left: true }]);
    });
    await eventually(() => {
      expect(log.lines).toMatchObject([{ level: 'debug' }]);
    });
    // Its place is free again.
    archive = of({ name: 'a.json', content: Buffer.from('{}') });
    expect((await download()).size).toBe(1);
    expect(door.faults).toEqual([]);
  });

  it('should leave nothing open either when it goes while a file is being opened', async () => {
    const film = endless();
    let open: (() => void) | undefined;
    const slow: ArchiveEntry = {
      name: 'film.mp4',
      content: () =>
        new Promise((resolve) => {
          open = () => {
            resolve(film);
          };
        }),
    };
    archive = of({ name: 'a.json', content: Buffer.from('{}') }, slow);
    const response = await begin();
    await eventually(() => {
      expect(open).toBeDefined();
    });
    response.destroy();
    await new Promise((resolve) => setTimeout(resolve, 50));
    open?.();
    await eventually(() => {
      expect(film.destroyed).toBe(true);
    });
  });

  it('should have no more files opened once it went', async () => {
    let opened = 0;
    let next: (() => void) | undefined;
    let left = false;
    archive = async function* () {
      try {
        yield { name: 'a.json', content: Buffer.from('{}') };
        await new Promise<void>((resolve) => (next = resolve));
        yield media('gone.png', () => {
          opened += 1;
          return null;
        });
      } finally {
        left = true;
      }
    };
    const response = await begin();
    await eventually(() => {
      expect(next).toBeDefined();
    });
    response.destroy();
    await new Promise((resolve) => setTimeout(resolve, 50));
    next?.();
    await eventually(() => {
      expect(left).toBe(true);
    });
    expect(opened).toBe(0);
  });

  it('should be cut off when it reads nothing for two minutes', async () => {
    const film = endless();
    archive = of(media('film.mp4', () => film));
    const response = await begin();
    await settled(() => film.seen.read);
    clock.advance(120_000);
    clock.advance(120_000);
    await eventually(() => {
      expect(film.destroyed).toBe(true);
    });
    response.destroy();
  });

  it('should see a cut connection when a file breaks, and not an archive that looks whole', async () => {
    const broken = new Readable({
      read() {
        this.destroy(new Error('the disk is gone'));
      },
    });
    archive = of(
      { name: 'a.json', content: Buffer.from('{}') },
      media('film.mp4', () => broken),
      { name: 'b.json', content: Buffer.from('{}') },
    );
    await expect((await fetch(urlOf())).arrayBuffer()).rejects.toThrow();
    expect(log.lines).toMatchObject([
      { level: 'warn', facts: { err: { message: 'the disk is gone' } } },
    ]);
  });

  it('should be told of what fails before anything is sent', async () => {
    const failing = (error: Error) =>
      async function* (): AsyncGenerator<ArchiveEntry> {
        yield await Promise.reject(error);
      };
    archive = failing(new Fault('UNAVAILABLE', 'Try again in a moment.'));
    const away = await fetch(urlOf());
    expect([away.status, away.headers.get('retry-after'), await away.text()]).toEqual([
      503,
      '60',
      'Try again in a moment.\n',
    ]);
    archive = failing(new Fault('NOT_FOUND', 'There is no such account.'));
    expect((await fetch(urlOf())).status).toBe(404);
    archive = failing(new Error('a bug'));
    expect((await fetch(urlOf())).status).toBe(500);
    expect(door.faults).toEqual([new Error('a bug')]);
  });

  it('should come again when sixteen are being sent, or its own', async () => {
    archive = of(media('film.mp4', endless));
    const first = await begin(urlOf('ada'));
    const statusOf = async (account: string): Promise<number> => {
      const response = await fetch(urlOf(account));
      const { status } = response;
      await response.body?.cancel();
      return status;
    };
    const own = await fetch(urlOf('ada'));
    expect([own.status, own.headers.get('retry-after')]).toEqual([503, '60']);
    const others = await Promise.all(
      Array.from({ length: 15 }, (_, place) => begin(urlOf(`eve-${place}`))),
    );
    expect(others.map(({ statusCode }) => statusCode)).toEqual(Array(15).fill(200));
    expect(await statusOf('bob')).toBe(503);
    first.destroy();
    await eventually(async () => {
      expect(await statusOf('bob')).toBe(200);
    });
    for (const other of others) other.destroy();
  });

  it('should hold a link to it, and only read', async () => {
    archive = () => {
      throw new Error('was asked');
    };
    for (const bad of [
      urlOf().replace('/exports/', '/exports/x'),
      links.sign(uploadLink('ada'), door.url),
    ]) {
      const response = await fetch(bad);
      expect([response.status, await response.text()]).toEqual([
        403,
        'This link is invalid. Ask the API for a new one.\n',
      ]);
    }
    const { status, headers } = await fetch(urlOf(), { method: 'DELETE' });
    expect([status, headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });
});
