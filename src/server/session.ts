import type { Clock } from '../clock.js';
import { Fault } from '../domain/fault.js';

/** The token in a WebSocket's `connectionParams`, with or without "Bearer ". Throws UNAUTHENTICATED when there is none. */
export function tokenIn(params: Readonly<Record<string, unknown>> | undefined): string {
  const headers = params?.headers;
  const inHeaders =
    typeof headers === 'object' && headers !== null
      ? [valueOf(headers, 'authorization'), valueOf(headers, 'Authorization')]
      : [];
  const found = [params?.authorization, params?.Authorization, ...inHeaders].find(
    (value): value is string => typeof value === 'string',
  );
  const token = found?.replace(/^Bearer +/i, '').trim();
  if (token) return token;
  throw new Fault('UNAUTHENTICATED', 'Send the token in connectionParams.authorization.');
}

function valueOf(record: object, name: string): unknown {
  return Object.entries(record).find(([key]) => key === name)?.[1];
}

/** Runs `end` once at `expiresAt` (milliseconds; null: never); answers what cancels it. */
export function closeAt(expiresAt: number | null, clock: Clock, end: () => void): () => void {
  let cancel = (): void => undefined;
  if (expiresAt !== null) wait(expiresAt);
  return () => {
    cancel();
  };

  // Clocks may wake early: their timers have a longest wait.
  function wait(at: number): void {
    const leftMs = at - clock.now();
    if (leftMs <= 0) end();
    else
      cancel = clock.after(leftMs, () => {
        wait(at);
      });
  }
}
