import type { Live, LiveEvent } from '../../src/live.js';
import { eventually } from '../world/eventually.js';
import { newAccount } from './gate.states.js';

/** What all live updates must do; `make` is called once, and its result disposed of by the caller. */
export function itBehavesLikeLive(make: () => Live): void {
  let live: Live;

  beforeAll(() => {
    live = make();
  });

  async function listen(account: string): Promise<{ heard: LiveEvent[]; stop: () => void }> {
    const heard: LiveEvent[] = [];
    const stop = await live.subscribe(account, (event) => heard.push(event));
    return { heard, stop };
  }

  const news = (id: string): LiveEvent => ({ kind: 'generation', id });

  it('should bring events in order once subscribe has resolved', async () => {
    const account = newAccount();
    const { heard, stop } = await listen(account);
    const ids = Array.from({ length: 100 }, (_, i) => `g${i}`);
    await Promise.all(ids.map((id) => live.publishGeneration(account, id)));
    await eventually(() => {
      expect(heard).toEqual(ids.map(news));
    });
    stop();
  });

  it('should bring every listener of an account its events, and nobody else', async () => {
    const [account, other] = [newAccount(), newAccount()];
    const [one, two, theirs] = await Promise.all([listen(account), listen(account), listen(other)]);
    await live.publishGeneration(account, 'mine');
    await live.publishGeneration(other, 'theirs');
    await eventually(() => {
      expect([one.heard, two.heard]).toEqual([[news('mine')], [news('mine')]]);
      expect(theirs.heard).toEqual([news('theirs')]);
    });
    for (const { stop } of [one, two, theirs]) stop();
  });

  it('should stop for the one that stops, also when it does so twice', async () => {
    const account = newAccount();
    const [one, two] = await Promise.all([listen(account), listen(account)]);
    one.stop();
    one.stop();
    await live.publishGeneration(account, 'after');
    await eventually(() => {
      expect(two.heard).toEqual([news('after')]);
    });
    expect(one.heard).toEqual([]);
    two.stop();
  });

  it('should serve one listener that listens twice until it has stopped twice', async () => {
    const account = newAccount();
    const heard: LiveEvent[] = [];
    const listener = (event: LiveEvent) => heard.push(event);
    const stops = [
      await live.subscribe(account, listener),
      await live.subscribe(account, listener),
    ];
    stops[0]!();
    await live.publishGeneration(account, 'once');
    await eventually(() => {
      expect(heard).toEqual([news('once')]);
    });
    stops[1]!();
  });

  it('should listen again after everybody had stopped', async () => {
    const account = newAccount();
    for (const id of ['first', 'second', 'third']) {
      const { heard, stop } = await listen(account);
      await live.publishGeneration(account, id);
      await eventually(() => {
        expect(heard).toEqual([news(id)]);
      });
      stop();
    }
  });

  it('should not let a listener that throws disturb the others', async () => {
    const account = newAccount();
    const stopThrowing = await live.subscribe(account, () => {
      throw new Error('a broken screen');
    });
    const { heard, stop } = await listen(account);
    await live.publishGeneration(account, 'one');
    await live.publishGeneration(account, 'two');
    await eventually(() => {
      expect(heard).toEqual([news('one'), news('two')]);
    });
    stopThrowing();
    stop();
  });

  it('should publish where nobody listens', async () => {
    await expect(live.publishGeneration(newAccount(), 'unheard')).resolves.toBeUndefined();
  });
}
