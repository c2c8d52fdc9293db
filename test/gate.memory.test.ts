import { REQUEST_MEMORY_MS } from '../src/gate.js';
import { makeMemoryGate } from '../src/gate/memory.js';
import { makeMemoryLive } from '../src/live/memory.js';
import { itBehavesLikeAGate } from './contract/gate.contract.js';
import {
  DAY_MS,
  HEAL_AFTER_MS,
  holdOf,
  newAccount,
  stateOf,
  T0,
  takingOf,
} from './contract/gate.states.js';
import { recordingLog } from './world/log.js';

function make() {
  const live = makeMemoryLive({ log: recordingLog() });
  return { live, gate: makeMemoryGate({ healAfterMs: HEAL_AFTER_MS, publish: live.publishQuota }) };
}

describe('the gate in memory', () => {
  itBehavesLikeAGate(make);

  it('should remember a request for a day', async () => {
    const { gate } = make();
    const account = newAccount();
    await gate.put(stateOf(account));
    const taking = takingOf(account, { at: T0 });
    await gate.take(taking);
    const again = (at: number) =>
      gate.take(takingOf(account, { requestKey: taking.requestKey, at }));
    expect(await again(T0 + REQUEST_MEMORY_MS - 1)).toMatchObject({ kind: 'replayed' });
    expect(await again(T0 + REQUEST_MEMORY_MS)).toMatchObject({ kind: 'taken' });
  });

  it('should still settle a week after the period, and then end an idle account', async () => {
    const { gate } = make();
    const account = newAccount();
    const state = stateOf(account);
    await gate.put(state);
    const taking = takingOf(account);
    await gate.take(taking);
    const { periodEnd } = state.quota;
    expect(await gate.sweep(null, periodEnd + 8 * DAY_MS)).toEqual({ due: [account], next: null });
    expect(await gate.settle(holdOf(taking), 'restored')).toBe('settled');
    await gate.sweep(null, periodEnd + 7 * DAY_MS - 1);
    expect(await gate.inspect(account)).not.toBeNull();
    await gate.sweep(null, periodEnd + 7 * DAY_MS);
    expect(await gate.inspect(account)).toBeNull();
  });
});
