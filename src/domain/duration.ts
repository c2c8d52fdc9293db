const UNITS_MS = { s: 1_000, m: 60_000, h: 3_600_000 } as const;
const DURATION = /^(\d{1,9})(s|m|h)$/;

/** Milliseconds of a duration written `30s`, `10m` or `2h`; null when it is not written so. */
export function parseDuration(text: string): number | null {
  const [, count, unit] = DURATION.exec(text) ?? [];
  if (count === undefined || unit === undefined) return null;
  return Number(count) * UNITS_MS[unit as keyof typeof UNITS_MS];
}
