import { LedgerUnavailable } from '../src/ledger.js';
import { makeTurns } from '../src/ledger/turns.js';

describe('turns', () => {
  it('should let so many through at a time, the others in order', async () => {
    const turns = makeTurns(2, 10);
    const order: number[] = [];
    let atOnce = 0;
    let most = 0;
    const one = async (n: number) => {
      const end = await turns.take(1_000);
      order.push(n);
      most = Math.max(most, (atOnce += 1));
      await new Promise((resolve) => setTimeout(resolve, 2));
      atOnce -= 1;
      end();
      end();
    };
    await Promise.all([0, 1, 2, 3, 4, 5].map(one));
    expect(order).toEqual([0, 1, 2, 3, 4, 5]);
    expect(most).toBe(2);
  });

  it('should refuse at once when too many wait', async () => {
    const turns = makeTurns(1, 1);
    const end = await turns.take(10);
    const waiting = turns.take(10_000);
    await expect(turns.take(10_000)).rejects.toThrow(LedgerUnavailable);
    end();
    (await waiting)();
  });

  it('should give up in time, and not lose a turn by it', async () => {
    const turns = makeTurns(1, 10);
    const end = await turns.take(10);
    await expect(turns.take(10)).rejects.toThrow(LedgerUnavailable);
    end();
    (await turns.take(10))();
    (await turns.take(10))();
  });
});
