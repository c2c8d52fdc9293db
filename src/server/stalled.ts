import type { ServerResponse } from 'node:http';
import type { Clock } from '../clock.js';

// A player that pauses stops reading; it asks for the rest by range when it goes on.
const STALLED_AFTER_MS = 2 * 60 * 1000;

/** Cuts an answer of which nothing was sent for two minutes, so that nobody holds a file open by not reading. */
export function cutWhenStalled(res: ServerResponse, clock: Clock): void {
  let sent = -1;
  let cancel = (): void => undefined;
  res.once('close', () => {
    cancel();
  });
  look();

  function look(): void {
    const { bytesWritten = 0 } = res.socket ?? {};
    if (bytesWritten === sent) {
      res.destroy();
      return;
    }
    sent = bytesWritten;
    cancel = clock.after(STALLED_AFTER_MS, look);
  }
}
