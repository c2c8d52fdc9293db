import fc from 'fast-check';
import { epochOf, remainingOf, revisionOf } from '../../src/domain/quota.js';

describe('remainingOf', () => {
  it.each([
    [10, 0, 0, 10],
    [10, 0, 3, 7],
    [10, 0, 10, 0],
    [10, 5, 12, 3],
    [10, 0, 40, 0],
    [0, 0, 0, 0],
    [0, 2, 1, 1],
  ])('should be, of %d with %d granted and %d used, %d', (limit, granted, used, remaining) => {
    expect(remainingOf({ limit, granted, used })).toBe(remaining);
  });

  it('should be null when unlimited, whatever was used', () => {
    expect(remainingOf({ limit: null, granted: 0, used: 1_000 })).toBeNull();
  });
});

describe('revisions', () => {
  const epochs = fc.integer({ min: 0, max: 2 ** 27 - 1 });
  const changes = fc.integer({ min: 0, max: 2 ** 26 - 1 });

  it('should lie in their epoch, whatever the gate counted within it', () => {
    fc.assert(
      fc.property(epochs, changes, (epoch, change) => {
        const revision = revisionOf(epoch) + change;
        expect(Number.isSafeInteger(revision)).toBe(true);
        expect(epochOf(revision)).toBe(epoch);
      }),
    );
  });

  it('should rise with the epoch above everything counted before', () => {
    fc.assert(
      fc.property(epochs, changes, (epoch, change) => {
        expect(revisionOf(epoch + 1)).toBeGreaterThan(revisionOf(epoch) + change);
      }),
    );
  });
});
