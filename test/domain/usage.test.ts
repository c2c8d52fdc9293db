import { usageByDay, type QuarterCount } from '../../src/domain/usage.js';

const quarterOf = (instant: string) => Math.floor(Date.parse(instant) / 900_000);

function count(instant: string, changes: Partial<QuarterCount> = {}): QuarterCount {
  const base = { action: 'image.generate', charge: 'POSTED' as const, generations: 1, units: 1 };
  return { quarter: quarterOf(instant), ...base, ...changes };
}

describe('usageByDay', () => {
  it('should add up what one action did on one day', () => {
    const counts = [
      count('2026-11-23T08:00:00Z', { generations: 2, units: 2 }),
      count('2026-11-23T21:15:00Z', { charge: 'HELD' }),
      count('2026-11-23T21:15:00Z', { charge: 'RESTORED', generations: 3, units: 3 }),
      count('2026-11-23T21:15:00Z', { charge: 'FREE', units: 0 }),
    ];
    expect(usageByDay(counts, 'UTC')).toEqual([
      {
        date: '2026-11-23',
        actions: [{ action: 'image.generate', generations: 7, units: 3, restored: 3 }],
      },
    ]);
  });

  it('should put the latest day first and actions in the order of their ids', () => {
    const counts = [
      count('2026-11-21T08:00:00Z'),
      count('2026-11-23T08:00:00Z', { action: 'video.edit' }),
      count('2026-11-23T08:00:00Z', { action: 'audio.edit' }),
    ];
    const days = usageByDay(counts, 'UTC');
    expect(days.map(({ date }) => date)).toEqual(['2026-11-23', '2026-11-21']);
    expect(days[0]?.actions.map(({ action }) => action)).toEqual(['audio.edit', 'video.edit']);
  });

  // Kathmandu is 5 h 45 min ahead: its midnight is at the end of a quarter of an hour, not of an hour.
  it.each([
    ['Asia/Kathmandu', '2026-11-22T18:00:00Z', '2026-11-22'],
    ['Asia/Kathmandu', '2026-11-22T18:15:00Z', '2026-11-23'],
    ['America/New_York', '2026-11-23T04:45:00Z', '2026-11-22'],
    ['America/New_York', '2026-11-23T05:00:00Z', '2026-11-23'],
  ])('should begin the day at midnight in %s: %s is %s', (zone, instant, date) => {
    expect(usageByDay([count(instant)], zone)[0]?.date).toBe(date);
  });

  it('should be empty for nothing', () => {
    expect(usageByDay([], 'UTC')).toEqual([]);
  });
});
