import { explainCharge } from '../../src/domain/explain.js';
import type {
  ChargeStatus,
  GenerationStatus,
  LedgerEntry,
  LedgerEntryKind,
} from '../../src/domain/generation.js';

function line(kind: LedgerEntryKind, reason: string): LedgerEntry {
  const period = { term: 1, index: 0 };
  return {
    account: 'ada',
    subject: 'g',
    kind,
    units: 1,
    reason,
    rule: 'r',
    period,
    actor: 'system',
    at: 0,
  };
}

const explained = (
  charge: ChargeStatus,
  status: GenerationStatus,
  entries: LedgerEntry[] = [],
  units = 1,
) => explainCharge({ charge, status, units, failure: null }, entries);

describe('explainCharge', () => {
  it.each([
    ['BLOCKED', 'Gave you 1 back: blocked by moderation.'],
    ['FAILED', 'Gave you 1 back: it failed.'],
    ['EXPIRED', 'Gave you 1 back: it was interrupted on our side.'],
    ['CANCELLED', 'Gave you 1 back: cancelled.'],
  ] as const)('should say why a %s one came back', (status, words) => {
    expect(explained('RESTORED', status, [line('HOLD', ''), line('RESTORE', '…')])).toBe(words);
  });

  it('should say that time was over only when it was', () => {
    const failure = { code: 'TIMED_OUT' as const, message: '', retryable: true };
    const late = { charge: 'RESTORED' as const, status: 'EXPIRED' as const, units: 1, failure };
    expect(explainCharge(late, [])).toBe('Gave you 1 back: it took too long.');
  });

  it('should say what was counted', () => {
    const post = line('POST', 'delivered 2 of 3');
    expect(explained('POSTED', 'SUCCEEDED', [post])).toBe('Counted 1: delivered 2 of 3.');
  });

  it('should say that an open one is only held', () => {
    expect(explained('HELD', 'RUNNING', [], 2)).toBe(
      '2 generations are held until it ends. If nothing is delivered, it comes back by itself.',
    );
  });

  it('should say that Support restored what was delivered, in Support’s words', () => {
    const restored = line('RESTORE', 'It was not what was asked for.');
    expect(explained('RESTORED', 'SUCCEEDED', [line('POST', ''), restored])).toBe(
      'Gave you 1 back: Support restored it (It was not what was asked for).',
    );
  });

  it('should say that what came late is free', () => {
    const entries = [line('RESTORE', ''), line('WRITE_OFF', '')];
    expect(explained('RESTORED', 'SUCCEEDED', entries)).toContain('yours, free');
  });

  it('should say what never counted', () => {
    expect(explained('FREE', 'SUCCEEDED', [], 0)).toBe('Free: this does not count.');
  });
});
