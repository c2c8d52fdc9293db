/** An oracle of its own: what a zone's clock shows comes from Intl, and resolving gaps and repeats is done by hand. */

const formatters = new Map<string, Intl.DateTimeFormat>();

/** What the zone's clock shows at `at`, as if it were UTC: milliseconds that can be computed with. */
export function shownAt(at: number, timeZone: string): number {
  let format = formatters.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formatters.set(timeZone, format);
  }
  const shown: Record<string, number> = {};
  for (const part of format.formatToParts(at)) shown[part.type] = Number(part.value);
  const { year, month, day, hour, minute, second } = shown;
  const ms = ((at % 1000) + 1000) % 1000;
  return Date.UTC(year!, month! - 1, day, hour, minute, second, ms);
}

/** `months` after what is shown, the day clamped to the month's length. */
export function monthsLater(shown: number, months: number): number {
  const date = new Date(shown);
  const lastDay = new Date(
    Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months + 1, 0),
  ).getUTCDate();
  const day = Math.min(date.getUTCDate(), lastDay);
  const midnight = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, day);
  return midnight + (((shown % 86_400_000) + 86_400_000) % 86_400_000);
}

/** The instant at which the zone shows that: the earlier of two; when it is skipped, as much later as was skipped. */
export function instantOf(shown: number, timeZone: string): number {
  // 36 hours on either side lie beyond every offset (14 hours) and the longest skip (a day, Pacific/Apia 2011).
  const [before, after] = [-36, 36].map((hours) => {
    const at = shown + hours * 3_600_000;
    return shownAt(at, timeZone) - at;
  });
  const candidates = [shown - before!, shown - after!].sort((a, b) => a - b);
  return candidates.find((at) => shownAt(at, timeZone) === shown) ?? shown - before!;
}
