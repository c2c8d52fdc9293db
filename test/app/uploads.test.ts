import { randomUUID } from 'node:crypto';
import sharp from 'sharp';
import type { Output } from '../../src/domain/generation.js';
import { makeManualClock } from '../world/clock.js';
import { eventually } from '../world/eventually.js';
import { makeWorld, MODES, type World, type WorldOptions } from '../world/world.js';

const pictureOf = (r: number) =>
  sharp({ create: { width: 20, height: 10, channels: 3, background: { r, g: 30, b: 30 } } })
    .png()
    .toBuffer();
const [picture, another] = [await pictureOf(200), await pictureOf(10)];
// A quarter of the 64 that one process takes at once.
const OF_ONE_ACCOUNT = 16;
const OVER = { kind: 'refused', status: 410 };
const GONE = { kind: 'refused', status: 404 };

/** Something one waits for until another says so. */
function signal() {
  let give = (): void => undefined;
  const given = new Promise<void>((resolve) => (give = resolve));
  return { given, give };
}

/** A picture on its way: it has begun, and goes on when a test says so. */
function sending() {
  const [begun, goOn] = [signal(), signal()];
  async function* content(): AsyncGenerator<Uint8Array> {
    yield picture.subarray(0, 10);
    begun.give();
    await goOn.given;
    yield picture.subarray(10);
  }
  return { content: content(), begun: begun.given, goOn: goOn.give };
}

describe.each(MODES)('receiving uploads, %s', (mode) => {
  let world: World;
  async function begin(options: WorldOptions = {}): Promise<void> {
    world = await makeWorld(mode, options);
  }
  afterEach(() => world.dispose());

  async function ask(account = world.account): Promise<string> {
    const answer = await world.app.free.upload(account, {
      ...{ requestId: randomUUID(), contentType: 'image/png' },
      ...{ bytes: picture.byteLength, sha256: null },
    });
    if (answer.kind !== 'accepted') throw new Error(answer.kind);
    return answer.generation.id;
  }

  const receive = (id: string, content: Parameters<World['app']['receiveUpload']>[1] = picture) =>
    world.app.receiveUpload(id, content);

  async function outputOf(id: string): Promise<Output> {
    const generation = await world.app.generation(world.account, id);
    const [output] = generation?.outputs ?? [];
    return output!;
  }

  it('should take a good file after more bad ones than one account may send at once', async () => {
    await begin();
    const id = await ask();
    for (let count = 0; count <= OF_ONE_ACCOUNT; count += 1) {
      expect(await receive(id, Buffer.from('no picture'))).toMatchObject({ status: 415 });
    }
    expect(await receive(id)).toEqual({ kind: 'stored' });
  });

  it('should take a good file after more broken ones than one account may send at once', async () => {
    await begin();
    const id = await ask();
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield picture.subarray(0, 10);
      await Promise.reject(new Error('the sender went'));
    }
    for (let count = 0; count <= OF_ONE_ACCOUNT; count += 1) {
      await expect(receive(id, broken())).rejects.toThrow('the sender went');
    }
    expect(await receive(id)).toEqual({ kind: 'stored' });
  });

  it('should take so many of one account at once, and those of others all the same', async () => {
    await begin();
    const ids = await Promise.all(Array.from({ length: OF_ONE_ACCOUNT }, () => ask()));
    const senders = ids.map((id) => ({ id, ...sending() }));
    const answers = senders.map(({ id, content }) => receive(id, content));
    await Promise.all(senders.map(({ begun }) => begun));

    const late = await ask();
    expect(await receive(late)).toMatchObject({ kind: 'refused', status: 503 });
    expect(await receive(await ask(`account-${randomUUID()}`))).toEqual({ kind: 'stored' });

    for (const { goOn } of senders) goOn();
    expect(await Promise.all(answers)).toEqual(ids.map(() => ({ kind: 'stored' })));
    expect(await receive(late)).toEqual({ kind: 'stored' });
  });

  it('should keep the first file, whatever is sent after it', async () => {
    await begin();
    const id = await ask();
    expect(await receive(id)).toEqual({ kind: 'stored' });
    const { key, sha256 } = await outputOf(id);
    const conflict = { kind: 'refused', status: 409 };
    expect(await receive(id, another)).toMatchObject(conflict);
    expect(await receive(id, Buffer.alloc(20 * 2 ** 20 + 1))).toMatchObject(conflict);
    expect(await receive(id)).toEqual({ kind: 'standing' });
    expect(await outputOf(id)).toMatchObject({ key, sha256 });
    expect(await world.core.assets.size(key)).toBe(picture.byteLength);
  });

  it('should know nothing of an upload that was deleted', async () => {
    await begin();
    const [done, open] = [await ask(), await ask()];
    await receive(done);
    for (const id of [done, open]) {
      await world.app.deleteGeneration(world.account, id);
      expect(await receive(id)).toMatchObject(GONE);
    }
  });

  it('should keep nothing of an upload that is deleted while the file is coming', async () => {
    await begin();
    const id = await ask();
    const { content, begun, goOn } = sending();
    const answer = receive(id, content);
    await begun;
    await world.app.deleteGeneration(world.account, id);
    goOn();
    expect(await answer).toMatchObject(OVER);
    expect(await world.app.generation(world.account, id)).toBeNull();
    // The file and its small picture.
    const due = await world.core.removals.due(world.core.clock.now(), 10);
    expect(due.map((key) => key.includes(id))).toEqual([true, true]);
  });

  it('should give the unit back once when the file comes too late', async () => {
    const clock = makeManualClock(Date.parse('2026-06-15T12:00:00Z'));
    const rule = { id: 'counted', effectiveFrom: clock.now() - 1, meteredCost: 1 };
    await begin({
      clock,
      change: ({ catalog }) => ({
        catalog: {
          ...catalog,
          rules: [...catalog.rules, { ...rule, costs: { 'reference.upload': 1 } }],
        },
      }),
    });
    const id = await ask();
    expect(await world.app.quota(world.account)).toMatchObject({ used: 1, held: 1 });
    const { content, begun, goOn } = sending();
    const answer = receive(id, content);
    await begun;
    world.app.start();
    clock.advance(11 * 60_000);
    await eventually(async () => {
      clock.advance(5_000);
      expect(await world.app.generation(world.account, id)).toMatchObject({ status: 'EXPIRED' });
    });
    goOn();
    expect(await answer).toMatchObject(OVER);
    expect(await receive(id)).toMatchObject(OVER);

    expect(await world.app.generation(world.account, id)).toMatchObject({
      ...{ status: 'EXPIRED', charge: 'RESTORED', outputs: [] },
    });
    const entries = await world.app.entries(world.account, [id]);
    expect(entries.map(({ kind, units }) => [kind, units])).toEqual([
      ['HOLD', 1],
      ['RESTORE', 1],
    ]);
    await eventually(async () => {
      expect(await world.app.quota(world.account)).toMatchObject({ used: 0, held: 0 });
    });
  });
});
