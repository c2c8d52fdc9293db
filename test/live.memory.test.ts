import { makeListeners } from '../src/live/listeners.js';
import { makeMemoryLive } from '../src/live/memory.js';
import { stateOf } from './contract/gate.states.js';
import { itBehavesLikeLive } from './contract/live.contract.js';
import { recordingLog } from './world/log.js';

describe('live updates in memory', () => {
  itBehavesLikeLive(() => makeMemoryLive({ log: recordingLog() }));

  it('should bring quota before the publishing call returns', async () => {
    const live = makeMemoryLive({ log: recordingLog() });
    const heard: unknown[] = [];
    await live.subscribe('a', (event) => heard.push(event));
    const { quota } = stateOf('a');
    live.publishQuota('a', quota);
    expect(heard).toEqual([{ kind: 'quota', quota }]);
  });
});

describe('listeners', () => {
  it('should keep nothing of those who left', () => {
    const listeners = makeListeners(recordingLog());
    const removals = Array.from({ length: 1000 }, (_, i) =>
      listeners.add(`topic-${i % 10}`, () => undefined),
    );
    expect(listeners.size()).toBe(10);
    for (const remove of removals) remove();
    for (const remove of removals) remove();
    expect(listeners.size()).toBe(0);
  });

  it('should not end a new topic when an old listener is removed once more', () => {
    const listeners = makeListeners(recordingLog());
    const removeOld = listeners.add('a', () => undefined);
    removeOld();
    listeners.add('a', () => undefined);
    removeOld();
    expect(listeners.has('a')).toBe(true);
  });

  it('should log which listener threw', () => {
    const log = recordingLog();
    const listeners = makeListeners(log);
    const err = new Error('a broken screen');
    listeners.add('a', () => {
      throw err;
    });
    listeners.deliver('a', { kind: 'resync' });
    expect(log.lines).toMatchObject([{ level: 'error', facts: { topic: 'a', err } }]);
  });
});
