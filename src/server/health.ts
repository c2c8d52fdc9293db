import type { ServerResponse } from 'node:http';
import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import { replyJson } from './reply.js';

const READY_WITHIN_MS = 2_000;

/** Whether to send requests here: no while draining, or when `ready` rejects or takes over 2 s. */
export async function replyReadiness(
  res: ServerResponse,
  { ready, clock, log }: { ready: () => Promise<void>; clock: Clock; log: Log },
  draining: boolean,
): Promise<void> {
  const missing = draining ? 'this process is shutting down' : await missingOf(ready, clock);
  if (missing === null) {
    replyJson(res, 200, { ready: true });
    return;
  }
  log.debug({ missing }, 'not ready');
  replyJson(res, 503, { ready: false, missing });
}

async function missingOf(ready: () => Promise<void>, clock: Clock): Promise<string | null> {
  let cancel = (): void => undefined;
  const late = new Promise<string>((resolve) => {
    cancel = clock.after(READY_WITHIN_MS, () => {
      resolve(`no answer within ${READY_WITHIN_MS} ms`);
    });
  });
  try {
    return await Promise.race([late, ready().then(() => null)]);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    cancel();
  }
}
