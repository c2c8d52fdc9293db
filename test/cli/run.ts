import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

// What ships: `npm test` builds it first.
const MAIN = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
const READY_WITHIN_MS = 15_000;

export type Variables = Record<string, string>;

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Served {
  child: ChildProcess;
  banner: string;
  url: string;
  ended: Promise<Ended>;
  /** Sends a signal and answers how the process ended. */
  end(signal: NodeJS.Signals): Promise<Ended>;
}

const running = new Set<ChildProcess>();

/** Runs one command to its end. Nothing of this process's environment reaches it. */
export async function genquota(args: readonly string[], env: Variables = {}): Promise<Ended> {
  return start(args, env).ended;
}

/** Starts `serve` on a free port; resolves when it has said where it is. Throws what it said when it ends instead. */
export async function serveGenquota(env: Variables): Promise<Served> {
  const { child, output, ended } = start(['serve'], { PORT: '0', ...env });
  const deadline = Date.now() + READY_WITHIN_MS;
  while (!output.stdout.endsWith('\n\n')) {
    const early = await Promise.race([ended, new Promise((wake) => setTimeout(wake, 20))]);
    if (early !== undefined) throw new Error(`serve ended: ${JSON.stringify(early)}`);
    if (Date.now() > deadline) throw new Error(`not ready: ${JSON.stringify(output)}`);
  }
  const [url = ''] = /http:\/\/[^/\s]+/.exec(output.stdout) ?? [];
  const end = (signal: NodeJS.Signals) => {
    child.kill(signal);
    return ended;
  };
  return { child, banner: output.stdout, url, ended, end };
}

/** Ends whatever a failed test left running. */
export async function endAll(): Promise<void> {
  await Promise.all(
    [...running].map(async (child) => {
      const closed = once(child, 'close');
      child.kill('SIGKILL');
      await closed;
    }),
  );
}

function start(args: readonly string[], env: Variables) {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code) => {
      running.delete(child);
      resolve({ code, ...output });
    });
  });
  return { child, output, ended };
}
