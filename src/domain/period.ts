import { Temporal } from 'temporal-polyfill';

/** Where an account's periods are counted from. */
export interface Anchor {
  /** The instant the subscription began, in milliseconds since the epoch. */
  startedAt: number;
  /** IANA zone on whose wall clock the anchor's day and time repeat. */
  timeZone: string;
}

/** The half-open stretch [startsAt, endsAt) in which one monthly limit holds. */
export interface Period {
  /** Months since the anchor. */
  index: number;
  startsAt: number;
  endsAt: number;
}

// 400 Gregorian years are 146,097 days. Dividing by the mean month misses the true index by one at most, near a boundary.
const MEAN_MONTH_MS = (146_097 / 4_800) * 86_400_000;

// Longer than any IANA name (32 characters); bounds what reaches the zone database.
const ZONE_NAME = /^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/;

/**
 * Period `index`: from the anchor + index months to the anchor + (index + 1) months on the zone's wall clock (R8). Both
 * ends are computed from the anchor, never from a neighbour, so day 31 comes back after February. A day the month does
 * not have is its last day; a time in a daylight-saving gap is the later instant, in a repeated hour the earlier.
 * Throws RangeError for an index that is not a whole number from 0 on, and for a zone that is none.
 */
export function periodOf(anchor: Anchor, index: number): Period {
  if (!Number.isSafeInteger(index) || index < 0) {
    throw new RangeError(`A period's index is a whole number from 0 on, not ${index}`);
  }
  const start = wallClockOf(anchor);
  return { index, startsAt: monthsAfter(start, index), endsAt: monthsAfter(start, index + 1) };
}

/**
 * The period that holds the instant `at`. Before the anchor it answers period 0: the clock of the process that asks may
 * run a little behind that of the process which anchored the account, and that person already has a period.
 */
export function periodAt(anchor: Anchor, at: number): Period {
  const start = wallClockOf(anchor);
  let index = Math.max(0, Math.floor((at - anchor.startedAt) / MEAN_MONTH_MS));
  let startsAt = monthsAfter(start, index);
  while (index > 0 && at < startsAt) {
    index -= 1;
    startsAt = monthsAfter(start, index);
  }
  let endsAt = monthsAfter(start, index + 1);
  while (at >= endsAt) {
    index += 1;
    startsAt = endsAt;
    endsAt = monthsAfter(start, index + 1);
  }
  return { index, startsAt, endsAt };
}

/** Whether this runtime knows the zone by that name. Offsets such as `+01:00` are no zones: they know no seasons. */
export function isTimeZone(id: string): boolean {
  if (!ZONE_NAME.test(id)) return false;
  try {
    wallClockOf({ startedAt: 0, timeZone: id });
    return true;
  } catch {
    return false;
  }
}

function wallClockOf(anchor: Anchor): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(anchor.startedAt).toZonedDateTimeISO(
    anchor.timeZone,
  );
}

// `add` on a ZonedDateTime clamps the day and resolves gaps and repeats as 'compatible', both by default.
function monthsAfter(start: Temporal.ZonedDateTime, months: number): number {
  return start.add({ months }).epochMilliseconds;
}
