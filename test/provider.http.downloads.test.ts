import type { Provider } from '../src/provider.js';
import { bytesOf } from './contract/provider.samples.js';
import type { HttpStandIn } from './standins/http-provider.js';
import { status, type Reply } from './standins/http-replies.js';
import { startHttpSetup, type HttpSetup } from './standins/http-setup.js';
import { makeManualClock } from './world/clock.js';
import { eventually } from './world/eventually.js';
import { soonerThan } from './world/sooner.js';

// What may lie in the buffers of two sockets when a body is cut off.
const SOCKET_MIB = 16;

let standIn: HttpStandIn;
let connect: HttpSetup['connect'];
let dispatch: HttpSetup['dispatch'];

beforeEach(async () => {
  ({ standIn, connect, dispatch } = await startHttpSetup());
});
afterEach(() => standIn.dispose());

async function firstContent(provider: Provider): Promise<AsyncIterable<Uint8Array>> {
  const outcome = await dispatch(provider);
  if (outcome.kind !== 'delivered') throw new Error(outcome.failure.message);
  return outcome.files[0]!.content as AsyncIterable<Uint8Array>;
}

describe('makeHttpProvider, fetching an output', () => {
  it.each<[string, Reply]>([
    ['503', status(503)],
    ['429', status(429)],
    ['a broken connection', { kind: 'reset' }],
  ])('should repeat its beginning after %s', async (_, reply) => {
    const content = await firstContent(connect());
    standIn.next('GET /files', reply, reply);
    expect((await bytesOf(content)).length).toBeGreaterThan(0);
    expect(standIn.asked('GET /files')).toHaveLength(3);
  });

  it.each<[string, Reply, string]>([
    ['is cut off in the middle', { kind: 'cut' }, 'network'],
    ['is a redirect', { kind: 'raw', status: 302, headers: { location: '/jobs' } }, 'status 302'],
    ['is gone', status(404), 'status 404'],
    ['is a part', { kind: 'raw', status: 206, body: 'part' }, 'status 206'],
    ['says that it is too large', status(200, { 'content-length': '536870913' }), 'more than'],
    ['stalls', { kind: 'stall', after: 'head' }, 'nothing within 300 ms'],
    ['never begins', { kind: 'stall', after: 'nothing' }, 'nothing within 300 ms'],
  ])('should reject when it %s', async (_, reply, words) => {
    const content = await firstContent(connect({ attemptTimeoutMs: 300 }));
    standIn.always('GET /files', reply);
    await expect(bytesOf(content)).rejects.toThrow(words);
  });

  it('should cut off a body without end', async () => {
    const content = await firstContent(connect());
    standIn.always('GET /files', { kind: 'flood' });
    let bytes = 0;
    const reading = (async () => {
      for await (const piece of content) bytes += piece.byteLength;
    })();
    await expect(reading).rejects.toThrow('more than 536870912 bytes');
    expect(bytes).toBeLessThanOrEqual(512 * 2 ** 20);
    expect(standIn.flooded()).toBeLessThan((512 + SOCKET_MIB) * 2 ** 20);
  });

  it('should take no longer than ten minutes in all', async () => {
    const clock = makeManualClock(Date.now());
    const provider = connect({ clock });
    const dispatched = firstContent(provider);
    await eventually(() => {
      clock.advance(100);
      expect(standIn.asked('GET /jobs').length).toBeGreaterThan(1);
    });
    standIn.always('GET /files', { kind: 'stall', after: 'head' });
    const pieces = (await dispatched)[Symbol.asyncIterator]();
    await pieces.next();
    clock.advance(600_000);
    await expect(pieces.next()).rejects.toThrow('not the whole file');
  });

  it('should not count the time in which its reader is slow', async () => {
    const content = await firstContent(connect({ attemptTimeoutMs: 200 }));
    let bytes = 0;
    for await (const piece of content) {
      await new Promise((resolve) => setTimeout(resolve, 400));
      bytes += piece.byteLength;
    }
    expect(bytes).toBeGreaterThan(0);
  });

  it('should end at once when its reader leaves, also while nothing comes', async () => {
    const content = await firstContent(connect());
    standIn.always('GET /files', { kind: 'stall', after: 'head' });
    const pieces = content[Symbol.asyncIterator]();
    await pieces.next();
    const waiting = pieces.next().catch(() => 'rejected');
    await soonerThan(5_000, Promise.all([pieces.return!(), waiting]));
  });
});
