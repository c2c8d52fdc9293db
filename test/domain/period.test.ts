import fc from 'fast-check';
import { isTimeZone, periodAt, periodOf, type Anchor } from '../../src/domain/period.js';
import { instantOf, monthsLater, shownAt } from './wall-clock.js';

const DAY_MS = 86_400_000;
const HARD_ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Africa/Casablanca',
  'Pacific/Apia',
  'America/Sao_Paulo',
];

const anchors: fc.Arbitrary<Anchor> = fc.record({
  startedAt: fc.oneof(
    fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2040, 0, 1) }),
    // Month ends and the hours around them are where things go wrong.
    fc
      .tuple(fc.integer({ min: 0, max: 480 }), fc.integer({ min: -3 * DAY_MS, max: DAY_MS }))
      .map(([month, offsetMs]) => Date.UTC(2000, month, 1) + offsetMs),
  ),
  timeZone: fc.oneof(
    fc.constantFrom(...HARD_ZONES),
    fc.constantFrom(...Intl.supportedValuesOf('timeZone')),
  ),
});
const indexes = fc.integer({ min: 0, max: 600 });

const starts = (anchor: Anchor, count: number) =>
  Array.from({ length: count }, (_, index) =>
    new Date(periodOf(anchor, index).startsAt).toISOString(),
  );
const utc = (iso: string): Anchor => ({ startedAt: Date.parse(iso), timeZone: 'UTC' });

describe('periods of any anchor in any zone', () => {
  it('should have strictly increasing, contiguous boundaries over 50 years', () => {
    fc.assert(
      fc.property(anchors, (anchor) => {
        let before = periodOf(anchor, 0);
        expect(before.startsAt).toBe(anchor.startedAt);
        for (let index = 1; index <= 600; index++) {
          const period = periodOf(anchor, index);
          if (period.startsAt !== before.endsAt) throw new Error(`gap before period ${index}`);
          if (period.endsAt <= period.startsAt) throw new Error(`period ${index} has no length`);
          before = period;
        }
      }),
      { numRuns: 60 },
    );
  });

  it('should start on the anchor’s day and time of the wall clock, or the last day of a shorter month', () => {
    fc.assert(
      fc.property(anchors, fc.integer({ min: 1, max: 600 }), (anchor, index) => {
        const shown = monthsLater(shownAt(anchor.startedAt, anchor.timeZone), index);
        expect(periodOf(anchor, index).startsAt).toBe(instantOf(shown, anchor.timeZone));
      }),
      { numRuns: 3000 },
    );
  });

  it('should find the period of its first instant, and the one before a millisecond earlier', () => {
    fc.assert(
      fc.property(anchors, indexes, (anchor, index) => {
        const period = periodOf(anchor, index);
        expect(periodAt(anchor, period.startsAt)).toEqual(period);
        expect(periodAt(anchor, period.endsAt - 1)).toEqual(period);
        expect(periodAt(anchor, period.startsAt - 1).index).toBe(Math.max(0, index - 1));
      }),
      { numRuns: 1000 },
    );
  });

  it('should hold the instant it is asked for', () => {
    fc.assert(
      fc.property(anchors, fc.nat({ max: 50 * 366 * DAY_MS }), (anchor, laterMs) => {
        const at = anchor.startedAt + laterMs;
        const { startsAt, endsAt } = periodAt(anchor, at);
        expect(startsAt).toBeLessThanOrEqual(at);
        expect(endsAt).toBeGreaterThan(at);
      }),
      { numRuns: 1000 },
    );
  });

  it('should keep the milliseconds of the anchor in whole-minute zones', () => {
    fc.assert(
      fc.property(anchors, indexes, (anchor, index) => {
        expect(periodOf(anchor, index).startsAt % 60_000).toBe(anchor.startedAt % 60_000);
      }),
    );
  });
});

describe('month ends', () => {
  it('should refresh on every 18th after a start on 18 January', () => {
    const anchor = utc('2026-01-18T09:30:00.000Z');
    for (let index = 0; index < 36; index++) {
      const date = new Date(periodOf(anchor, index).startsAt);
      expect([date.getUTCDate(), date.getUTCMonth()]).toEqual([18, index % 12]);
      expect(date.toISOString()).toContain('T09:30:00.000Z');
    }
  });

  it('should go 31 January, 28 February, 31 March: never chained', () => {
    expect(starts(utc('2026-01-31T12:00:00.000Z'), 5)).toEqual([
      '2026-01-31T12:00:00.000Z',
      '2026-02-28T12:00:00.000Z',
      '2026-03-31T12:00:00.000Z',
      '2026-04-30T12:00:00.000Z',
      '2026-05-31T12:00:00.000Z',
    ]);
  });

  it('should use 29 February in a leap year', () => {
    expect(starts(utc('2028-01-31T00:00:00.000Z'), 3)).toEqual([
      '2028-01-31T00:00:00.000Z',
      '2028-02-29T00:00:00.000Z',
      '2028-03-31T00:00:00.000Z',
    ]);
  });

  it('should come back to 29 February after a start on one', () => {
    const anchor = utc('2024-02-29T00:00:00.000Z');
    const februaries = [0, 12, 24, 36, 48].map((index) =>
      new Date(periodOf(anchor, index).startsAt).toISOString().slice(0, 10),
    );
    expect(februaries).toEqual([
      '2024-02-29',
      '2025-02-28',
      '2026-02-28',
      '2027-02-28',
      '2028-02-29',
    ]);
    expect(starts(anchor, 2)[1]).toBe('2024-03-29T00:00:00.000Z');
  });

  it('should count days of the zone, not of UTC', () => {
    // 1 February in Berlin is still 31 January in UTC.
    const anchor = { startedAt: Date.parse('2026-01-31T23:30:00Z'), timeZone: 'Europe/Berlin' };
    expect(starts(anchor, 4)).toEqual([
      '2026-01-31T23:30:00.000Z',
      '2026-02-28T23:30:00.000Z',
      '2026-03-31T22:30:00.000Z',
      '2026-04-30T22:30:00.000Z',
    ]);
  });

  it('should keep milliseconds', () => {
    expect(starts(utc('2026-01-31T23:59:59.999Z'), 2)[1]).toBe('2026-02-28T23:59:59.999Z');
  });
});

describe('changes of the clock', () => {
  it('should fall on the later instant when the anniversary is in a daylight-saving gap', () => {
    // Berlin goes from 02:00 to 03:00 on 29 March 2026, so 02:30 becomes 03:30 summer time; a month later 02:30 is back.
    const anchor = { startedAt: Date.parse('2026-01-29T01:30:00Z'), timeZone: 'Europe/Berlin' };
    expect(starts(anchor, 4).slice(2)).toEqual([
      '2026-03-29T01:30:00.000Z',
      '2026-04-29T00:30:00.000Z',
    ]);
  });

  it('should fall on the earlier instant when the anniversary is in a repeated hour', () => {
    // New York shows 01:30 twice on 1 November 2026: at 05:30Z and at 06:30Z.
    const anchor = { startedAt: Date.parse('2026-10-01T05:30:00Z'), timeZone: 'America/New_York' };
    expect(starts(anchor, 3).slice(1)).toEqual([
      '2026-11-01T05:30:00.000Z',
      '2026-12-01T06:30:00.000Z',
    ]);
  });

  it('should begin period 0 at the anchor itself, also in the later of two repeated hours', () => {
    const startedAt = Date.parse('2026-11-01T06:30:00Z');
    expect(periodOf({ startedAt, timeZone: 'America/New_York' }, 0).startsAt).toBe(startedAt);
  });

  it('should know zones that shift by half an hour', () => {
    // Lord Howe goes from 02:00 to 02:30 on 4 October 2026, so 02:15 becomes 02:45 at +11:00.
    const anchor = {
      startedAt: Date.parse('2026-09-03T15:45:00Z'),
      timeZone: 'Australia/Lord_Howe',
    };
    expect(starts(anchor, 2)[1]).toBe('2026-10-03T15:45:00.000Z');
  });

  it('should stay in order where a whole day was skipped', () => {
    // Samoa had no 30 December 2011.
    const anchor = { startedAt: Date.parse('2011-10-30T12:00:00Z'), timeZone: 'Pacific/Apia' };
    expect(starts(anchor, 5)).toEqual([
      '2011-10-30T12:00:00.000Z',
      '2011-11-30T12:00:00.000Z',
      '2011-12-30T12:00:00.000Z',
      '2012-01-29T12:00:00.000Z',
      '2012-02-28T12:00:00.000Z',
    ]);
  });
});

describe('asking oddly', () => {
  const anchor = utc('2026-03-01T00:00:00Z');

  it('should answer period 0 to a clock that is behind the anchor', () => {
    expect(periodAt(anchor, anchor.startedAt - 1)).toEqual(periodOf(anchor, 0));
    expect(periodAt(anchor, 0)).toEqual(periodOf(anchor, 0));
  });

  it.each([-1, 0.5, NaN, Infinity])('should refuse the index %p', (index) => {
    expect(() => periodOf(anchor, index)).toThrow(RangeError);
  });

  it('should refuse an instant that is none', () => {
    expect(() => periodAt(anchor, NaN)).toThrow(RangeError);
  });

  it('should refuse a zone that is none', () => {
    expect(() => periodOf({ startedAt: 0, timeZone: 'Mars/Olympus' }, 0)).toThrow(RangeError);
  });
});

describe('isTimeZone', () => {
  it.each([...HARD_ZONES, 'Etc/GMT+5', 'America/Argentina/Buenos_Aires', 'America/Port-au-Prince'])(
    'should know %s',
    (id) => {
      expect(isTimeZone(id)).toBe(true);
    },
  );

  it.each(['', 'Mars/Olympus', '+01:00', 'Z', '2020-01-01[UTC]', 'UTC ', 'u'.repeat(65)])(
    'should refuse %p',
    (id) => {
      expect(isTimeZone(id)).toBe(false);
    },
  );
});
