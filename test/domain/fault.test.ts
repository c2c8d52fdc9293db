import { Fault, type FaultCode } from '../../src/domain/fault.js';

describe('Fault', () => {
  it.each<[FaultCode, boolean]>([
    ['UNAUTHENTICATED', false],
    ['FORBIDDEN', false],
    ['BAD_USER_INPUT', false],
    ['NOT_FOUND', false],
    ['IDEMPOTENCY_MISMATCH', false],
    ['NO_SUBSCRIPTION', false],
    ['RATE_LIMITED', true],
    ['UNAVAILABLE', true],
  ])('should carry %s, retryable: %p', (code, retryable) => {
    const fault = new Fault(code, 'Do this next.');
    expect(fault).toBeInstanceOf(Error);
    expect(fault).toMatchObject({ name: 'Fault', code, retryable, message: 'Do this next.' });
    expect(fault).not.toHaveProperty('cause');
  });

  it('should keep its cause for the log', () => {
    const cause = new Error('socket closed');
    expect(new Fault('UNAVAILABLE', 'Try again.', cause).cause).toBe(cause);
  });
});
