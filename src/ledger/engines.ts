import type { Socket } from 'node:net';
import mysql from 'mysql2';
import type { Pool, PoolConnection, PoolOptions } from 'mysql2';
import type { DataSourceOptions, QueryRunner } from 'typeorm';
import { LedgerUnavailable } from '../ledger.js';
import { mysqlFault, sqliteFault } from './faults.js';
import type { Fault } from './faults.js';
import { migrations } from './migrations/index.js';
import { loadSqliteDriver } from './sqlite-driver.js';

/** Everything in which the two databases differ. */
export interface Engine {
  options: DataSourceOptions;
  /** How many operations run at once, how many may wait and how long, and how long one may take on its connection. */
  slots: number;
  maxWaiting: number;
  waitMs: number;
  budgetMs: number;
  begin: string;
  forUpdate: string;
  faultOf(error: unknown): Fault;
  /**
   * Closes the runner's connection now, whatever it is doing. Absent: statements cannot stall, and an operation must
   * never be left while it runs.
   */
  abandon?(runner: QueryRunner): void;
  /** Closes what a silent server keeps open. */
  closeNow(): void;
  /** One migrating process at a time; throws `LedgerUnavailable` when another takes too long. */
  lockMigrations(runner: QueryRunner): Promise<void>;
  unlockMigrations(runner: QueryRunner, done: boolean): Promise<void>;
}

const MIGRATIONS = { migrations, migrationsTableName: 'migrations', entities: [], logging: false };

// A request gives up by then, so that a stalled server cannot hang it.
const MYSQL_BUDGET_MS = 5_000;
const MYSQL_CONNECT_MS = 3_000;
// Below the budget, so that a stuck lock ends as a retry, not as a timeout.
const MYSQL_LOCK_WAIT_SECONDS = 2;
// 2,000 requests at once from one account, which all want one row, were opened in some 3 s on two shared cores: they shall pass
// on a slower machine, too.
const MAX_WAITING = 10_000;
const WAIT_MS = 15_000;
// Not enforced while a statement runs (it blocks this very thread): it bounds retries.
const SQLITE_BUDGET_MS = 5_000;
// Waiting for another process blocks this one whole.
const SQLITE_BUSY_MS = 1_000;
const MIGRATION_LOCK_SECONDS = 60;
// One per database of a server; a lock's name has at most 64 characters. SHA2, because MySQL 9 has no MD5 any more.
const MIGRATION_LOCK = "CONCAT('genquota.', LEFT(SHA2(DATABASE(), 256), 40))";

// READ COMMITTED: no gap locks, so upserts of neighbours do not deadlock. The mode is set whole, because mysql2 escapes with
// backslashes and a server's NO_BACKSLASH_ESCAPES would make that unsafe; strict, so that nothing is ever cut short silently.
const SESSION = [
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
  `SET SESSION sql_mode = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION', innodb_lock_wait_timeout = ${MYSQL_LOCK_WAIT_SECONDS}`,
];

/** MySQL or MariaDB. `?ssl=true` in the URL asks for a verified TLS connection. */
export function mysqlEngine(url: string, connectionLimit: number): Engine {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url);
  const connections = new Set<PoolConnection>();

  function createPool(options: PoolOptions): Pool {
    const pool = mysql.createPool(options);
    pool.on('connection', (connection) => {
      connections.add(connection);
      connection.once('end', () => connections.delete(connection));
      for (const statement of SESSION) {
        connection.query(statement, (error) => {
          if (error) close(connection);
        });
      }
    });
    return pool;
  }

  function close(connection: PoolConnection): void {
    connections.delete(connection);
    connection.destroy();
    // destroy() only half-closes: a silent server would keep the socket. The types leave `stream` out.
    (connection as unknown as { stream: Socket }).stream.destroy();
  }

  return {
    options: {
      ...MIGRATIONS,
      type: 'mysql',
      driver: { createPool },
      host: decodeURIComponent(hostname),
      port: port === '' ? 3306 : Number(port),
      username: decodeURIComponent(username),
      password: decodeURIComponent(password),
      database: decodeURIComponent(pathname.slice(1)),
      charset: 'utf8mb4',
      connectTimeout: MYSQL_CONNECT_MS,
      poolSize: connectionLimit,
      supportBigNumbers: true,
      bigNumberStrings: false,
      ...(searchParams.get('ssl') === 'true' ? { ssl: {} } : {}),
      // mysql2 sets FOUND_ROWS by default; it is named because every guard relies on it: an UPDATE's count is of rows
      // *matched*, as SQLite counts, also when a value happens to stay the same.
      extra: { queueLimit: connectionLimit, flags: ['FOUND_ROWS'] },
    },
    slots: connectionLimit,
    maxWaiting: MAX_WAITING,
    waitMs: WAIT_MS,
    budgetMs: MYSQL_BUDGET_MS,
    begin: 'START TRANSACTION',
    forUpdate: ' FOR UPDATE',
    faultOf: mysqlFault,
    abandon(runner) {
      const { databaseConnection } = runner as { databaseConnection?: PoolConnection };
      if (databaseConnection) close(databaseConnection);
    },
    closeNow() {
      for (const connection of connections) close(connection);
    },
    async lockMigrations(runner) {
      const [row] = (await runner.query(`SELECT GET_LOCK(${MIGRATION_LOCK}, ?) AS locked`, [
        MIGRATION_LOCK_SECONDS,
      ])) as { locked: number | null }[];
      if (row?.locked !== 1) {
        throw new LedgerUnavailable(
          `Another process has been migrating the ledger for ${MIGRATION_LOCK_SECONDS} s. Wait for it and start again.`,
        );
      }
    },
    async unlockMigrations(runner) {
      await runner.query(`DO RELEASE_LOCK(${MIGRATION_LOCK})`);
    },
  };
}

/** A file of this machine. TypeORM shares one query runner per SQLite file: one operation at a time, or they would nest. */
export async function sqliteEngine(file: string, readOnly: boolean): Promise<Engine> {
  return {
    options: {
      ...MIGRATIONS,
      type: 'better-sqlite3',
      driver: await loadSqliteDriver(),
      database: file,
      readonly: readOnly,
      timeout: SQLITE_BUSY_MS,
      enableWAL: !readOnly,
      prepareDatabase: (database: { pragma(text: string): unknown }) => {
        database.pragma('synchronous = FULL');
      },
    },
    slots: 1,
    maxWaiting: MAX_WAITING,
    waitMs: WAIT_MS,
    budgetMs: SQLITE_BUDGET_MS,
    // IMMEDIATE takes the write lock at once: a deferred one fails without waiting when it turns from reader to writer.
    begin: 'BEGIN IMMEDIATE',
    forUpdate: '',
    faultOf: sqliteFault,
    closeNow: () => undefined,
    // The write lock of one transaction around all migrations: DDL is transactional here.
    async lockMigrations(runner) {
      await runner.query('BEGIN IMMEDIATE');
    },
    async unlockMigrations(runner, done) {
      await runner.query(done ? 'COMMIT' : 'ROLLBACK');
    },
  };
}
