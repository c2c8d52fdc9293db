import { execFile, execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Debian and some others keep servers where an ordinary user's PATH does not look. */
const PLACES = [
  '/usr/sbin',
  '/usr/local/sbin',
  '/usr/libexec',
  '/opt/homebrew/bin',
  '/usr/local/bin',
];

/** The first of `names` that can be run: on PATH, then where servers usually lie. */
function find(...names: string[]): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...PLACES].filter(Boolean);
  for (const name of names) {
    for (const folder of folders) {
      const path = join(folder, name);
      if (isExecutable(path)) return path;
    }
  }
  return undefined;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** MariaDB or MySQL: the server, and MariaDB's program that prepares a data directory. */
export const findMysql = (): string | undefined => find('mariadbd', 'mysqld');
export const findMariadbInstall = (): string | undefined =>
  find('mariadb-install-db', 'mysql_install_db');

/** Debian's redis-tools holds the server too, under the name of the checking tool; started as `redis-server` it serves. */
export const findRedis = (): string | undefined =>
  find('redis-server', 'valkey-server', 'redis-check-rdb');

/**
 * Makes sure a MySQL-compatible server and a Redis-compatible one are on this machine; on Debian and Ubuntu it installs
 * what is missing when it may.
 * @throws when something is missing and cannot be installed: the message says what to install.
 */
export async function ensureBinaries(): Promise<void> {
  const missing = [
    ...(findMysql() ? [] : ['mariadb-server-core']),
    // Not redis-server: that package also enables a system service, redis-tools only brings programs.
    ...(findRedis() ? [] : ['redis-tools']),
  ];
  if (missing.length === 0) return;
  const prefix = aptPrefix();
  if (!prefix) throw new Error(advice(missing));
  process.stderr.write(
    `The tests need real engines: installing ${missing.join(' and ')} with apt-get.\n`,
  );
  try {
    await apt(prefix, 'update');
    await apt(prefix, 'install', '-y', '--no-install-recommends', ...missing);
  } catch (error) {
    throw new Error(
      `${advice(missing)}\napt-get said: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  if (!findMysql() || !findRedis()) throw new Error(advice(missing));
}

async function apt(prefix: readonly string[], ...args: string[]): Promise<void> {
  const [command, ...rest] = [...prefix, 'apt-get', '-q', '-o', 'DPkg::Lock::Timeout=120', ...args];
  await run(command ?? 'apt-get', rest, {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    timeout: 300_000,
    maxBuffer: 64 * 1024 * 1024,
  });
}

/** How apt-get is started with the right to install: as it is, through sudo without a password, or not at all. */
function aptPrefix(): readonly string[] | undefined {
  if (!existsSync('/etc/debian_version') || !find('apt-get')) return undefined;
  if (process.getuid?.() === 0) return [];
  try {
    execFileSync('sudo', ['-n', 'true'], { stdio: 'ignore', timeout: 5_000 });
    return ['sudo', '-n', 'DEBIAN_FRONTEND=noninteractive'];
  } catch {
    return undefined;
  }
}

function advice(missing: readonly string[]): string {
  const wanted = missing.map((name) =>
    name.startsWith('redis') ? 'Redis or Valkey' : 'MariaDB or MySQL',
  );
  return [
    `The tests run on real engines, and ${wanted.join(' and ')} was not found on this machine. Install it, then run again:`,
    `  Debian, Ubuntu:  sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing.join(' ')}`,
    '  Fedora, RHEL:    sudo dnf install mariadb-server valkey',
    '  Alpine:          sudo apk add mariadb mariadb-client redis',
    '  Arch:            sudo pacman -S mariadb valkey',
    '  macOS:           brew install mariadb redis',
    'Only the programs are needed: the tests start their own private instances and touch no running server.',
  ].join('\n');
}
