import { mkdtemp, symlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findRedis } from './binaries.js';
import { freePort, startGuarded, untilReady, type Guarded } from './guard.js';

/** A private Redis on loopback that keeps nothing on disk. */
export interface RedisEngine {
  url: string;
  port: number;
  /** Ends it in an orderly way; nothing happens when it is not running. */
  stop(): Promise<void>;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
  /** Starts it again on the same port, empty; nothing happens when it is running. */
  start(): Promise<void>;
}

/** Starts a private Redis, by default on a free port. It ends with this process at the latest. */
export async function startRedis(options: { port?: number } = {}): Promise<RedisEngine> {
  const port = options.port ?? (await freePort());
  let engine: Guarded | undefined = await launch(port);
  const end = async (signal: 'TERM' | 'KILL'): Promise<void> => {
    const ending = engine;
    engine = undefined;
    await ending?.end(signal);
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    stop: () => end('TERM'),
    kill: () => end('KILL'),
    async start() {
      engine ??= await launch(port);
    },
  };
}

async function launch(port: number): Promise<Guarded> {
  const binary = findRedis();
  if (!binary)
    throw new Error('no redis-server found: run the tests through jest, which installs it');
  const dir = await mkdtemp(join(tmpdir(), 'genquota-redis-'));
  const program = join(dir, 'redis-server'); // Its name decides whether the program serves or checks a file.
  await symlink(binary, program);
  const engine = startGuarded(dir, [
    program,
    ...['--port', String(port), '--bind', '127.0.0.1', '--dir', dir],
    ...['--save', '', '--appendonly', 'no', '--daemonize', 'no'],
  ]);
  await untilReady(engine, () => answers(port, dir), 10_000);
  return engine;
}

/** Resolves when the Redis that works in `dir`, and no stranger on the same port, answers. */
function answers(port: number, dir: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('CONFIG GET dir\r\n'));
    socket.setTimeout(1_000, () => socket.destroy(new Error('Redis accepted, but did not answer')));
    socket.once('error', reject);
    socket.once('data', (answer) => {
      socket.destroy();
      if (answer.includes(dir)) resolve();
      else reject(new Error(`something else on port ${port} answered ${answer.toString()}`));
    });
  });
}
