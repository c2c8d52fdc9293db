/**
 * What `work` answers, unless `thanMs` pass first. Both are timers of one process and fire in their order: a slow machine delays
 * them alike, so this tells a short wait from a longer one and does not measure the machine.
 */
export async function soonerThan<T>(thanMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`still waiting after ${thanMs} ms`));
    }, thanMs);
  });
  return Promise.race([work, late]).finally(() => {
    clearTimeout(timer);
  });
}
