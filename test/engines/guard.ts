import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';

/**
 * The shell that owns one engine. It reads signal names from its standard input and hands them on; when that pipe
 * closes, for whatever reason (also `kill -9` of the test run), it ends the engine and deletes its directory.
 */
const GUARD = `
exec 3<&0
dir=$1; shift
"$@" </dev/null >"$dir/log" 2>&1 &
engine=$!
trap '' PIPE # Nobody may be left to read what is said below.
{ while read -r signal; do kill -"$signal" "$engine"; done; kill -KILL "$engine"; } <&3 2>/dev/null &
listener=$!
exec 3<&-
wait "$engine" 2>/dev/null
kill "$listener" 2>/dev/null
tail -n 20 "$dir/log" >&2
rm -rf "$dir"
`;

/** A private engine process that cannot outlive this one. */
export interface Guarded {
  /** Sends the signal and waits until the engine is gone and its directory deleted. */
  end(signal: 'TERM' | 'KILL'): Promise<void>;
  /** Rejects, with the end of the engine's log, when the engine ends; never resolves. */
  ended: Promise<never>;
}

/** Starts `command` under a guard; `dir` (which must exist) belongs to the guard from here on. */
export function startGuarded(dir: string, command: readonly string[]): Guarded {
  // Its own session: Ctrl-C reaches the test run alone, and the guard still cleans up behind it.
  const guard = spawn('/bin/sh', ['-c', GUARD, 'guard', dir, ...command], {
    stdio: ['pipe', 'ignore', 'pipe'],
    detached: true,
  });
  let log = '';
  guard.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
  guard.stdin.on('error', () => undefined); // The engine may be gone before the signal is written.
  const gone = new Promise<void>((resolve) => {
    guard.once('close', () => {
      resolve();
    });
  });
  const ended = gone.then(() => {
    throw new Error(`${command.join(' ')}\nended, its log says:\n${log}`);
  });
  ended.catch(() => undefined); // Only whoever waits for readiness cares.
  // An engine somebody forgot to stop does not keep the test run from ending.
  for (const handle of [guard, guard.stdin, guard.stderr]) (handle as { unref(): void }).unref();
  return {
    ended,
    async end(signal) {
      guard.ref();
      guard.stdin.write(`${signal}\n`);
      const late = setTimeout(() => guard.stdin.end(), 10_000);
      await gone;
      clearTimeout(late);
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** Asks `ready` every 20 ms until it answers without an error; gives up after `withinMs` or when the engine ends. */
export async function untilReady(
  engine: Guarded,
  ready: () => Promise<unknown>,
  withinMs = 30_000,
): Promise<void> {
  const lastAt = Date.now() + withinMs;
  for (;;) {
    try {
      await Promise.race([ready(), engine.ended]);
      return;
    } catch (error) {
      if (Date.now() > lastAt) throw error;
      await Promise.race([new Promise((resolve) => setTimeout(resolve, 20)), engine.ended]);
    }
  }
}

/**
 * A free loopback port below 32768, where Linux starts handing out ports for outgoing connections: an engine that is
 * stopped and started again finds its port free, and a client that keeps trying meanwhile never connects to itself.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (await isFree(port)) return port;
  }
  throw new Error(
    'no free loopback port found between 20000 and 32000: is something holding them all?',
  );
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
