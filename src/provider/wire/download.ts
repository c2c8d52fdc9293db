import type { IPolicy } from 'cockatiel';
import type { Clock } from '../../clock.js';
import { networkReason, transientOf, Unusable, type Request } from './exchange.js';
import { Transient } from './resilience.js';
import { untilAborted } from './until-aborted.js';

export interface DownloadOptions {
  maxBytes: number;
  /** Until the first byte, and from one piece to the next. */
  idleMs: number;
  /** For the whole file. */
  withinMs: number;
  clock: Clock;
  /** How the beginning is repeated. What broke off in the middle is not. */
  begin: IPolicy;
}

/**
 * A file at an address, piece by piece. Asked for only once somebody reads, and afresh by every reader; a reader that leaves ends the
 * connection at once. Rejects with `Unusable` or `Transient` when it is not to be had whole. Redirects are not followed.
 */
export function makeDownload(
  request: Request,
  options: DownloadOptions,
): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      const leaving = new AbortController();
      const pieces = read(request, options, leaving);
      return {
        next: () => pieces.next(),
        // A generator gets to its end only when the read it waits for does: the abort ends that.
        return() {
          leaving.abort();
          return pieces.return(undefined);
        },
      };
    },
  };
}

async function* read(
  request: Request,
  { maxBytes, idleMs, withinMs, clock, begin }: DownloadOptions,
  leaving: AbortController,
): AsyncGenerator<Uint8Array, undefined> {
  const { signal } = leaving;
  const cutAfter = (ms: number, what: string): (() => void) =>
    clock.after(ms, () => {
      leaving.abort(new Transient(`${what} within ${ms} ms`, true));
    });
  const cancel = cutAfter(withinMs, 'not the whole file');
  // Only waiting for the provider counts: storing a piece may take its time.
  const waitFor = async <T>(work: Promise<T>): Promise<T> => {
    const stop = cutAfter(idleMs, 'nothing');
    return work.finally(stop);
  };
  let bytes = 0;
  try {
    const begun = begin.execute(() => waitFor(open(request, clock, signal)), signal);
    const response = await untilAborted(begun, signal);
    if (response.status !== 200) throw new Unusable(`status ${response.status} for a file`);
    if (Number(response.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge(maxBytes);
    const reader = response.body?.getReader() as
      ReadableStreamDefaultReader<Uint8Array> | undefined;
    for (;;) {
      const piece = await (reader && waitFor(reader.read()));
      if (!piece || piece.done) return;
      bytes += piece.value.byteLength;
      if (bytes > maxBytes) throw tooLarge(maxBytes);
      yield piece.value;
    }
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Transient || error instanceof Unusable) throw error;
    throw new Transient(networkReason(error), true);
  } finally {
    cancel();
    leaving.abort();
  }
}

async function open(
  { url, ...init }: Request,
  clock: Clock,
  signal: AbortSignal,
): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { ...init, redirect: 'manual', signal });
  } catch (error) {
    signal.throwIfAborted();
    throw new Transient(networkReason(error), true);
  }
  const transient = transientOf(response, clock);
  if (!transient) return response;
  await response.body?.cancel();
  throw transient;
}

function tooLarge(maxBytes: number): Unusable {
  return new Unusable(`a file of more than ${maxBytes} bytes`);
}
