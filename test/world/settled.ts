/** Waits until what `count` answers does not change for a tenth of a second. */
export async function settled(count: () => number): Promise<void> {
  let before: number;
  do {
    before = count();
    await new Promise((resolve) => setTimeout(resolve, 100));
  } while (count() !== before);
}
