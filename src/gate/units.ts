/** What costs nothing never reaches the gate, and a negative take would give units away: either is a fault of the caller. */
export function assertUnits(units: number): void {
  if (!Number.isSafeInteger(units) || units < 1)
    throw new RangeError(`a take needs a whole number of units from 1 on, got ${units}`);
}
