import { parseDuration } from '../../src/domain/duration.js';

describe('parseDuration', () => {
  it.each([
    ['30s', 30_000],
    ['10m', 600_000],
    ['2h', 7_200_000],
    ['0s', 0],
    ['090m', 5_400_000],
  ])('should read %s as %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each([
    '',
    '30',
    's',
    '1.5h',
    '-1s',
    '1d',
    '10 m',
    '1h30m',
    '10M',
    ' 1s',
    '1s\n',
    '9999999999s',
  ])('should answer null for %j', (text) => {
    expect(parseDuration(text)).toBeNull();
  });
});
