/** How many ids one statement names. */
export const IDS_A_STATEMENT = 500;

/** Splits a list, so that a statement's length stays bounded. */
export function chunksOf<T>(list: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let start = 0; start < list.length; start += size) {
    chunks.push(list.slice(start, start + size));
  }
  return chunks;
}

/** `?, ?, …` for `count` values. */
export function marks(count: number): string {
  return Array.from({ length: count }, () => '?').join(', ');
}
