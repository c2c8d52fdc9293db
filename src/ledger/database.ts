import { DataSource } from 'typeorm';
import type { QueryRunner } from 'typeorm';
import { LedgerUnavailable } from '../ledger.js';
import type { Log } from '../log.js';
import { mysqlEngine, sqliteEngine } from './engines.js';
import type { Engine } from './engines.js';
import { outwardError } from './faults.js';
import type { Row, Value } from './rows.js';
import { makeTurns } from './turns.js';

export type DatabaseOptions =
  | { kind: 'mysql'; url: string; connectionLimit?: number }
  /** `readOnly`: for looking at the file beside a running server. */
  | { kind: 'sqlite'; file: string; readOnly?: boolean };

/** Statements on one connection. Values are bound to `?`, never written into the text. */
export interface Sql {
  rows(statement: string, values?: readonly Value[]): Promise<Row[]>;
  /** Runs an INSERT, UPDATE or DELETE; answers how many rows its WHERE matched. */
  change(statement: string, values?: readonly Value[]): Promise<number>;
  /** Inserts all rows or, when a key of one is taken, none; answers which. The transaction goes on either way. */
  insert(table: string, rows: readonly Row[]): Promise<boolean>;
  /** ` FOR UPDATE` where rows have locks. */
  readonly forUpdate: string;
  /** True when an earlier run was rolled back by a conflict. */
  readonly contended: boolean;
}

/** The ledger's database: bounded connections, bounded waits, whole transactions retried. */
export interface Database {
  readonly kind: DatabaseOptions['kind'];
  /** Statements outside a transaction; they may run again after a lost connection. */
  read<T>(work: (sql: Sql) => Promise<T>, budgetMs?: number): Promise<T>;
  /**
   * One transaction, run again as a whole after a conflict or a lost connection: `work` must be safe to repeat. `undo(x)`
   * rolls back and answers x. Throws `LedgerUnavailable` when it stays unknown whether it committed.
   */
  transaction<T>(work: (sql: Sql) => Promise<T | Undo<T>>): Promise<T>;
  /** Runs `work` while no other process migrates. */
  exclusively<T>(work: (source: DataSource, runner: QueryRunner) => Promise<T>): Promise<T>;
  dispose(): Promise<void>;
}

/** An answer whose transaction is rolled back. */
export class Undo<T> {
  constructor(readonly value: T) {}
}

export function undo<T>(value: T): Undo<T> {
  return new Undo(value);
}

const DEFAULT_CONNECTIONS = 16;
const MAX_CONFLICTS = 5;
const MAX_LOSSES = 3;
// Altering a large table takes its time; a migration that hangs still ends.
const MIGRATION_BUDGET_MS = 30 * 60_000;
const CLOSE_MS = 2_000;

/** Connects. Throws `LedgerUnavailable` when the database does not answer. */
export async function openDatabase(options: DatabaseOptions, log: Log): Promise<Database> {
  const engine = await engineOf(options);
  const source = new DataSource(engine.options);
  try {
    await source.initialize();
  } catch (error) {
    engine.closeNow();
    const fault = engine.faultOf(error);
    throw outwardError(error, fault === 'other' ? 'lost' : fault);
  }
  const sessions = makeSessions(engine, source);
  return {
    kind: options.kind,
    read: (work, budgetMs = engine.budgetMs) =>
      persist(engine, log, budgetMs, () =>
        sessions(budgetMs, (runner) => work(sqlOn(runner, engine, false))),
      ),
    async transaction(work) {
      const commit = { tried: false };
      try {
        return await persist(engine, log, engine.budgetMs, (contended) =>
          sessions(engine.budgetMs, (runner) =>
            runTransaction(
              runner,
              engine,
              () => work(sqlOn(runner, engine, contended)),
              () => {
                commit.tried = true;
              },
            ),
          ),
        );
      } catch (error) {
        if (!(error instanceof LedgerUnavailable) || !commit.tried) throw error;
        const { message, cause } = error;
        throw new LedgerUnavailable(message, { cause, mayHaveCommitted: true });
      }
    },
    exclusively: (work) =>
      persist(engine, log, MIGRATION_BUDGET_MS, () =>
        sessions(MIGRATION_BUDGET_MS, (runner) =>
          runExclusively(runner, engine, () => work(source, runner)),
        ),
      ),
    async dispose() {
      let timer: NodeJS.Timeout | undefined;
      // A pool waits for what its connections were asked last, on a silent server for ever.
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, CLOSE_MS);
      });
      await Promise.race([source.destroy(), late]).finally(() => {
        clearTimeout(timer);
        engine.closeNow();
      });
    },
  };
}

/** The engine of these options; also for TypeORM's own command line. */
export async function engineOf(options: DatabaseOptions): Promise<Engine> {
  return options.kind === 'mysql'
    ? mysqlEngine(options.url, options.connectionLimit ?? DEFAULT_CONNECTIONS)
    : sqliteEngine(options.file, options.readOnly ?? false);
}

/** Runs work on a connection of its own, in turn; from then on it has `budgetMs`. */
function makeSessions(engine: Engine, source: DataSource) {
  const turns = makeTurns(engine.slots, engine.maxWaiting);

  return async function session<T>(
    budgetMs: number,
    work: (runner: QueryRunner) => Promise<T>,
  ): Promise<T> {
    const endTurn = await turns.take(engine.waitMs);
    const runner = source.createQueryRunner();
    const connecting = runner.connect();
    try {
      const running = connecting.then(() => work(runner));
      return await (engine.abandon ? withDeadline(running, budgetMs) : running);
    } catch (error) {
      if (error instanceof LedgerUnavailable || engine.faultOf(error) === 'lost') {
        // A connection that is still being made arrives later, for nobody.
        connecting.then(
          () => engine.abandon?.(runner),
          () => undefined,
        );
        engine.abandon?.(runner);
      }
      throw error;
    } finally {
      connecting.then(
        () => runner.release(),
        () => undefined,
      );
      endTurn();
    }
  };
}

async function runTransaction<T>(
  runner: QueryRunner,
  engine: Engine,
  work: () => Promise<T | Undo<T>>,
  committing: () => void,
): Promise<T> {
  await runner.query(engine.begin);
  try {
    const answer = await work();
    if (answer instanceof Undo) {
      await runner.query('ROLLBACK');
      return answer.value;
    }
    committing();
    await runner.query('COMMIT');
    return answer;
  } catch (error) {
    const lost = engine.faultOf(error) === 'lost';
    // A lost connection rolls back by itself; one that cannot roll back must not be used again. A file has only one (and
    // SQLite has rolled back already after some errors).
    if (!lost || !engine.abandon) {
      await runner.query('ROLLBACK').catch(() => engine.abandon?.(runner));
    }
    throw error;
  }
}

async function runExclusively<T>(
  runner: QueryRunner,
  engine: Engine,
  work: () => Promise<T>,
): Promise<T> {
  await engine.lockMigrations(runner);
  let done = false;
  try {
    const answer = await work();
    done = true;
    return answer;
  } finally {
    await engine.unlockMigrations(runner, done);
  }
}

/** Repeats `run` after conflicts and lost connections, a bounded number of times within the budget. */
async function persist<T>(
  engine: Engine,
  log: Log,
  budgetMs: number,
  run: (contended: boolean) => Promise<T>,
): Promise<T> {
  const until = Date.now() + engine.waitMs + budgetMs;
  let conflicts = 0;
  let losses = 0;
  for (;;) {
    try {
      return await run(conflicts > 0);
    } catch (error) {
      const fault = error instanceof LedgerUnavailable ? 'lost' : engine.faultOf(error);
      const outward = outwardError(error, fault);
      if (fault === 'conflict') conflicts += 1;
      if (fault === 'lost') losses += 1;
      const again =
        (fault === 'conflict' && conflicts <= MAX_CONFLICTS) ||
        (fault === 'lost' && losses < MAX_LOSSES && error !== outward);
      // Full jitter: those who met in a deadlock do not meet again.
      const pauseMs = Math.random() * 20 * 2 ** (conflicts + losses);
      if (!again || Date.now() + pauseMs >= until) throw outward;
      log.debug({ err: outward, conflicts, losses }, 'ledger operation is repeated');
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}

function withDeadline<T>(running: Promise<T>, budgetMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(
        new LedgerUnavailable(
          'The ledger did not answer in time. Try again in a moment; a generation keeps its requestId.',
        ),
      );
    }, budgetMs);
    running.then(resolve, reject).finally(() => {
      clearTimeout(timer);
    });
  });
}

function sqlOn(runner: QueryRunner, engine: Engine, contended: boolean): Sql {
  async function change(statement: string, values: readonly Value[] = []): Promise<number> {
    const { affected } = await runner.query(statement, [...values], true);
    return affected ?? 0;
  }
  return {
    contended,
    forUpdate: engine.forUpdate,
    change,
    async rows(statement, values = []) {
      const { records } = await runner.query(statement, [...values], true);
      return records as Row[];
    },
    async insert(table, rows) {
      const columns = Object.keys(rows[0] ?? {});
      if (columns.length === 0) return true;
      const tuple = `(${columns.map(() => '?').join(', ')})`;
      const statement = `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${rows.map(() => tuple).join(', ')}`;
      const values = rows.flatMap((row) => columns.map((column) => row[column] ?? null));
      try {
        return (await change(statement, values)) > 0;
      } catch (error) {
        if (engine.faultOf(error) === 'duplicate') return false;
        throw error;
      }
    },
  };
}
