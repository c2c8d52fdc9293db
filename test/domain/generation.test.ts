import { chargeOf, END_STATUSES, isOpen, OPEN_STATUSES } from '../../src/domain/generation.js';

describe('chargeOf', () => {
  it('should post what was delivered', () => {
    expect(chargeOf('SUCCEEDED', 1)).toBe('POSTED');
  });

  it.each(['FAILED', 'BLOCKED', 'EXPIRED', 'CANCELLED'] as const)(
    'should give back what %s (R6)',
    (status) => {
      expect(chargeOf(status, 1)).toBe('RESTORED');
    },
  );

  it.each(END_STATUSES)('should leave what cost nothing free when it %s', (status) => {
    expect(chargeOf(status, 0)).toBe('FREE');
  });
});

describe('isOpen', () => {
  it.each(OPEN_STATUSES)('should be true of %s', (status) => {
    expect(isOpen({ status })).toBe(true);
  });

  it.each(END_STATUSES)('should be false of %s', (status) => {
    expect(isOpen({ status })).toBe(false);
  });
});
