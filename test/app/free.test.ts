import { createHash, randomUUID } from 'node:crypto';
import sharp from 'sharp';
import type { GenerateAnswer } from '../../src/app.js';
import type { Catalog } from '../../src/domain/catalog.js';
import { makeManualClock } from '../world/clock.js';
import { eventually } from '../world/eventually.js';
import { delivered, makePuppet } from '../world/puppet.js';
import { makeWorld, MODES, press, type World, type WorldOptions } from '../world/world.js';

const picture = await sharp({
  create: { width: 40, height: 30, channels: 3, background: { r: 200, g: 30, b: 30 } },
})
  .png()
  .toBuffer();

describe.each(MODES)('free actions, %s', (mode) => {
  let world: World;
  async function begin(options: WorldOptions = {}): Promise<void> {
    world = await makeWorld(mode, options);
    world.provider.always(delivered());
  }
  afterEach(() => world.dispose());

  function accepted(answer: GenerateAnswer) {
    if (answer.kind !== 'accepted') throw new Error(answer.kind);
    return answer.generation;
  }

  const ask = (requestId = randomUUID(), changes: object = {}) =>
    world.app.free.upload(world.account, {
      requestId,
      contentType: 'image/png',
      bytes: picture.byteLength,
      sha256: null,
      ...changes,
    });

  async function uploaded(): Promise<string> {
    const { id } = accepted(await ask());
    expect(await world.app.receiveUpload(id, picture)).toEqual({ kind: 'stored' });
    return `${id}.0`;
  }

  async function useUp(): Promise<void> {
    await Promise.all(Array.from({ length: 10 }, () => world.app.generate(world.account, press())));
    expect((await world.app.generate(world.account, press())).kind).toBe('exhausted');
  }

  const crop = (input: string, requestId = randomUUID()) =>
    world.app.free.crop(world.account, { requestId, input, x: 10, y: 5, width: 20, height: 15 });

  const enhance = (prompt: string) =>
    world.app.free.enhance(world.account, { requestId: randomUUID(), prompt, settings: null });

  it('should work when nothing remains, and cost nothing', async () => {
    await begin();
    await useUp();
    const input = await uploaded();
    const cropped = accepted(await crop(input));
    expect(cropped).toMatchObject({
      status: 'SUCCEEDED',
      charge: 'FREE',
      units: 0,
      outputs: [{ contentType: 'image/png', width: 20, height: 15 }],
    });
    const enhanced = await enhance('a lighthouse');
    expect(enhanced).toMatchObject({ prompt: expect.stringContaining('lighthouse') as string });
    expect(await world.app.quota(world.account)).toMatchObject({ used: 10 });
    expect(await world.app.entries(world.account, [cropped.id])).toEqual([]);
  });

  it('should do two of one account at a time, and the others in their turn', async () => {
    const slow = makePuppet();
    await begin({
      change: ({ providers }) => ({ providers: new Map([...providers, ['builtin', slow]]) }),
    });
    const pressed = Promise.all(Array.from({ length: 5 }, () => enhance('a lighthouse')));
    const others = world.app.free.enhance('somebody-else', {
      ...{ requestId: randomUUID(), prompt: 'a boat', settings: null },
    });
    await eventually(() => {
      expect(slow.jobs.map(({ prompt }) => prompt).sort()).toEqual([
        'a boat',
        'a lighthouse',
        'a lighthouse',
      ]);
    });
    slow.always({ kind: 'delivered', files: [{ content: Buffer.from('done') }] });
    for (const { id } of [...slow.jobs]) {
      slow.end(id, { kind: 'delivered', files: [{ content: Buffer.from('done') }] });
    }
    expect((await pressed).map((answer) => 'prompt' in answer && answer.prompt)).toEqual(
      Array(5).fill('done'),
    );
    expect(await others).toMatchObject({ prompt: 'done' });
  });

  it('should use what was uploaded as an input', async () => {
    await begin();
    const input = await uploaded();
    const edit = press(randomUUID(), { action: 'image.edit', inputs: [input] });
    expect(accepted(await world.app.generate(world.account, edit)).inputs).toEqual([input]);
    await eventually(() => {
      expect(world.provider.jobs[0]?.sources[0]).toMatchObject({
        id: input,
        width: 40,
        height: 30,
      });
    });
    expect(await world.provider.jobs[0]?.sources[0]?.read()).toEqual(picture);
  });

  it('should make one generation of one request id', async () => {
    await begin();
    const requestId = randomUUID();
    const [first, second] = [accepted(await ask(requestId)), accepted(await ask(requestId))];
    expect(second.id).toBe(first.id);
    expect(await world.app.receiveUpload(first.id, picture)).toEqual({ kind: 'stored' });
    expect(await world.app.receiveUpload(first.id, picture)).toEqual({ kind: 'standing' });
    const third = accepted(await ask(requestId));
    expect(third).toMatchObject({ id: first.id, status: 'SUCCEEDED' });
    const again = randomUUID();
    const input = `${first.id}.0`;
    expect(accepted(await crop(input, again)).id).toBe(accepted(await crop(input, again)).id);
    await expect(ask(again)).rejects.toMatchObject({ code: 'IDEMPOTENCY_MISMATCH' });
  });

  it('should keep one file when the same upload comes twice at once', async () => {
    await begin();
    const { id } = accepted(await ask());
    const answers = await Promise.all([
      world.app.receiveUpload(id, picture),
      world.app.receiveUpload(id, picture),
    ]);
    expect(answers.map(({ kind }) => kind).sort()).toEqual(['standing', 'stored']);
    const generation = await world.app.generation(world.account, id);
    const [output] = generation?.outputs ?? [];
    expect(await world.core.assets.size(output!.key)).toBe(picture.byteLength);
    // The other one's files are on the list of what has to go.
    const due = await world.core.removals.due(world.core.clock.now(), 10);
    expect(due).toHaveLength(2);
    expect(due).not.toContain(output!.key);
  });

  it.each([
    ['a page', Buffer.from('<!doctype html><script>alert(1)</script>'), 415],
    ['an SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 415],
    ['a cut picture', picture.subarray(0, picture.byteLength - 20), 415],
    ['more than declared', Buffer.concat([picture, Buffer.alloc(100)]), 422],
    ['too much', Buffer.alloc(20 * 2 ** 20 + 1), 413],
  ])('should refuse %s, and take the right file after it', async (_what, file, status) => {
    await begin();
    const { id } = accepted(await ask());
    const answer = await world.app.receiveUpload(id, file);
    expect(answer).toMatchObject({ kind: 'refused' });
    if (answer.kind === 'refused' && status !== 415) expect(answer.status).toBe(status);
    expect(await world.app.generation(world.account, id)).toMatchObject({ status: 'RUNNING' });
    expect(await world.app.receiveUpload(id, picture)).toEqual({ kind: 'stored' });
  });

  it('should refuse another file than the one whose checksum was declared', async () => {
    await begin();
    const sha256 = createHash('sha256').update(picture).digest('hex');
    const wrong = accepted(await ask(randomUUID(), { sha256: '0'.repeat(64) }));
    expect(await world.app.receiveUpload(wrong.id, picture)).toMatchObject({ status: 422 });
    const right = accepted(await ask(randomUUID(), { sha256 }));
    expect(await world.app.receiveUpload(right.id, picture)).toEqual({ kind: 'stored' });
  });

  it('should refuse types it does not take before anything is opened', async () => {
    await begin();
    const svg = ask(randomUUID(), { contentType: 'image/svg+xml' });
    await expect(svg).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    expect((await world.app.generations(world.account, 10, null, {})).generations).toEqual([]);
  });

  it('should take files only where one is waited for', async () => {
    await begin();
    const made = accepted(await world.app.generate(world.account, press()));
    for (const id of [made.id, randomUUID(), 'nonsense']) {
      expect(await world.app.receiveUpload(id, picture)).toMatchObject({ status: 404 });
    }
    const { id } = accepted(await ask());
    await world.app.cancel(world.account, id);
    expect(await world.app.receiveUpload(id, picture)).toMatchObject({ status: 410 });
  });

  it('should end an upload that never came, at no cost', async () => {
    const clock = makeManualClock(Date.parse('2026-06-15T12:00:00Z'));
    await begin({ clock });
    const { id } = accepted(await ask());
    world.app.start();
    // One that waits for its file has no process that could be lost.
    clock.advance(5 * 60_000);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await world.app.generation(world.account, id)).toMatchObject({ status: 'RUNNING' });
    clock.advance(6 * 60_000);
    await eventually(async () => {
      clock.advance(5_000);
      expect(await world.app.generation(world.account, id)).toMatchObject({
        status: 'EXPIRED',
        charge: 'FREE',
        failure: { message: expect.stringContaining('did not arrive') as string },
      });
    });
    expect(await world.app.receiveUpload(id, picture)).toMatchObject({ status: 410 });
  });

  it('should refuse a crop that is not within the picture, before anything is opened', async () => {
    await begin();
    const input = await uploaded();
    const outside = { requestId: randomUUID(), input, x: 30, y: 0, width: 20, height: 10 };
    await expect(world.app.free.crop(world.account, outside)).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      message: expect.stringContaining('40') as string,
    });
    expect((await world.app.generations(world.account, 10, null, {})).generations).toHaveLength(1);
  });

  describe('when a later counting rule makes them cost one', () => {
    const FROM = Date.parse('2026-07-01T00:00:00Z');
    const clock = () => makeManualClock(Date.parse('2026-06-30T23:00:00Z'));
    const counted = (catalog: Catalog): Catalog => ({
      ...catalog,
      rules: [
        ...catalog.rules,
        {
          id: 'free-no-more',
          effectiveFrom: FROM,
          meteredCost: 1,
          costs: { 'image.crop': 1, 'prompt.enhance': 1, 'reference.upload': 1 },
        },
      ],
    });
    const change: WorldOptions['change'] = ({ catalog }) => ({ catalog: counted(catalog) });

    it('should count them from its date on, and refuse them when nothing remains', async () => {
      const time = clock();
      await begin({ clock: time, change });
      const before = await uploaded();
      accepted(await crop(before));
      await enhance('a lighthouse');
      expect(await world.app.quota(world.account)).toMatchObject({ used: 0 });
      time.advance(2 * 3_600_000);

      const input = await uploaded();
      expect(accepted(await crop(input))).toMatchObject({
        charge: 'POSTED',
        units: 1,
        rule: 'free-no-more',
      });
      expect(await enhance('a lighthouse')).toMatchObject({ generation: { charge: 'POSTED' } });
      expect(await world.app.quota(world.account)).toMatchObject({ used: 3, held: 0 });

      for (let left = 7; left > 0; left -= 1) await world.app.generate(world.account, press());
      expect((await crop(input)).kind).toBe('exhausted');
      expect((await enhance('a lighthouse')).kind).toBe('exhausted');
      expect((await ask()).kind).toBe('exhausted');
    });

    it('should give back the unit of an upload that never came', async () => {
      const time = clock();
      await begin({ clock: time, change });
      time.advance(2 * 3_600_000);
      const { id } = accepted(await ask());
      expect(await world.app.quota(world.account)).toMatchObject({ used: 1, held: 1 });
      world.app.start();
      time.advance(11 * 60_000);
      await eventually(async () => {
        time.advance(5_000);
        expect(await world.app.generation(world.account, id)).toMatchObject({ charge: 'RESTORED' });
      });
      await eventually(async () => {
        expect(await world.app.quota(world.account)).toMatchObject({ used: 0, held: 0 });
      });
    });
  });
});
