/** Tries every 5 ms until `expectation` no longer throws; after `withinMs` its last failure is the test's. */
export async function eventually(
  expectation: () => void | Promise<void>,
  withinMs = 10_000,
): Promise<void> {
  const lastAt = Date.now() + withinMs;
  for (;;) {
    try {
      await expectation();
      return;
    } catch (error) {
      if (Date.now() > lastAt) throw error;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}
