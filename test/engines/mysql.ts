import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createConnection } from 'mysql2/promise';
import { findMariadbInstall, findMysql } from './binaries.js';
import { freePort, startGuarded, untilReady } from './guard.js';

const run = promisify(execFile);

/** A private MariaDB or MySQL on loopback; `url` names no database, its user may create them. */
export interface MysqlEngine {
  url: string;
  stop(): Promise<void>;
}

/** One statement a line, as --init-file wants it. */
const USER = `CREATE USER IF NOT EXISTS 'genquota'@'%' IDENTIFIED BY 'genquota';
GRANT ALL ON *.* TO 'genquota'@'%' WITH GRANT OPTION;
`;

/** Prepares an empty data directory and starts a server on it: ready in about 2 s with MariaDB, 8 s with MySQL. */
export async function startMysql(): Promise<MysqlEngine> {
  const server = findMysql();
  if (!server)
    throw new Error('no mariadbd or mysqld found: run the tests through jest, which installs it');
  const port = await freePort();
  const dir = await mkdtemp(join(tmpdir(), 'genquota-mysql-'));
  try {
    const common = await prepare(server, dir);
    const engine = startGuarded(dir, [
      server,
      ...common,
      ...[
        `--port=${port}`,
        '--bind-address=127.0.0.1',
        `--socket=${dir}/socket`,
        `--pid-file=${dir}/pid`,
      ],
      ...[
        `--init-file=${dir}/init.sql`,
        '--skip-log-bin',
        '--skip-name-resolve',
        '--max-connections=500',
      ],
      // Nothing here has to survive a power cut, and the suite is short of memory and disk rather than of caches.
      ...[
        '--innodb-flush-log-at-trx-commit=2',
        '--innodb-buffer-pool-size=64M',
        '--performance-schema=OFF',
      ],
    ]);
    const url = `mysql://genquota:genquota@127.0.0.1:${port}`;
    await untilReady(engine, async () => {
      const connection = await createConnection({ uri: url, connectTimeout: 2_000 });
      const [rows] = await connection.query('SELECT @@datadir AS dir');
      await connection.end();
      if (!JSON.stringify(rows).includes(dir))
        throw new Error(`a stranger answers on port ${port}`);
    });
    return { url, stop: () => engine.end('TERM') };
  } catch (error) {
    await rm(dir, { recursive: true, force: true });
    throw error;
  }
}

/** Creates the system tables under `dir`; answers the options the server must be started with, too. */
async function prepare(server: string, dir: string): Promise<string[]> {
  const data = join(dir, 'data');
  // Temporary tables of its own place, too: servers that share /tmp trip over files a killed one left (MariaDB crashes on them).
  const temporary = join(dir, 'tmp');
  await mkdir(data);
  await mkdir(temporary);
  await writeFile(join(dir, 'init.sql'), USER);
  // Both refuse to run as root unless told to in so many words (containers have nobody else).
  const user = process.getuid?.() === 0 ? ['--user=root'] : [];
  const { stdout: version } = await run(server, ['--no-defaults', '--version']);
  const limits = { timeout: 60_000, maxBuffer: 16 * 1024 * 1024 };
  if (!version.includes('MariaDB')) {
    const common = [
      '--no-defaults',
      ...user,
      `--datadir=${data}`,
      `--tmpdir=${temporary}`,
      '--mysqlx=OFF',
      '--secure-file-priv=NULL',
    ];
    await run(server, [...common, '--initialize-insecure'], limits);
    return common;
  }
  const install = findMariadbInstall();
  if (!install)
    throw new Error(`${server} is MariaDB, but mariadb-install-db was not found: install it, too`);
  const common = [
    '--no-defaults',
    ...user,
    `--datadir=${data}`,
    `--tmpdir=${temporary}`,
    '--innodb-log-file-size=8M',
  ];
  await run(
    install,
    [...common, '--skip-test-db', '--auth-root-authentication-method=normal'],
    limits,
  );
  return common;
}
