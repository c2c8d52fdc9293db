import type { Core } from '../../src/app/core.js';
import { makeRecovery } from '../../src/app/recover.js';
import type { StaleAccount } from '../../src/ledger.js';
import { makeManualClock } from '../world/clock.js';
import { eventually } from '../world/eventually.js';
import { silentLog } from '../world/log.js';

describe('healing marked accounts', () => {
  it('should reach all of them, although none of the first hundreds can be healed', async () => {
    // None ever loses its mark.
    const marked = Array.from({ length: 250 }, (_, at): StaleAccount => ({
      account: `a${at}`,
      at,
    }));
    const clock = makeManualClock(0);
    const ledger = {
      due: () => Promise.resolve([]),
      overdue: () => Promise.resolve([]),
      stale: (limit: number, after: StaleAccount | null) =>
        Promise.resolve(marked.filter(({ at }) => at > (after?.at ?? -1)).slice(0, limit)),
    };
    const gate = { sweep: () => Promise.resolve({ due: [], next: null }) };
    const asked: string[] = [];
    const removals = { due: () => Promise.resolve([]) };
    const core = { clock, ledger, gate, removals, log: silentLog, leaseMs: 1 } as unknown as Core;
    const recovery = makeRecovery(core, {
      settle: () => Promise.reject(new Error('nothing to settle')),
      dispatcher: { fill: () => Promise.resolve() } as never,
      reckoner: { heal: (account: string) => void asked.push(account) } as never,
      erasing: { resume: () => Promise.resolve() } as never,
    });
    recovery.start();
    await eventually(() => {
      clock.advance(1_000);
      expect(asked.slice(0, 251)).toEqual([...marked.map(({ account }) => account), 'a0']);
    });
    await recovery.stop();
  });
});
