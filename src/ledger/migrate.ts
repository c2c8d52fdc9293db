import { MigrationExecutor } from 'typeorm';
import type { Database } from './database.js';
import { migrations } from './migrations/index.js';

/** Brings the tables up to date; answers the names of the migrations that ran. Several processes may call it at once. */
export async function migrate(database: Database): Promise<string[]> {
  // A look first: the usual start has nothing to do and takes no lock.
  if ((await pendingMigrations(database)) === 0) return [];
  return database.exclusively(async (source, runner) => {
    const executor = new MigrationExecutor(source, runner);
    // The lock is the transaction where DDL has one (SQLite); MySQL commits every DDL by itself.
    executor.transaction = 'none';
    const ran = await executor.executePendingMigrations();
    return ran.map(({ name }) => name);
  });
}

/** How many migrations this version has that the database has not seen. */
export async function pendingMigrations(database: Database): Promise<number> {
  const seen = await database.read(async (sql) => {
    const tables = await sql.rows(
      database.kind === 'mysql'
        ? "SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'migrations'"
        : "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'migrations'",
    );
    return tables.length === 0 ? [] : sql.rows('SELECT name FROM migrations');
  });
  const names = new Set(seen.map((row) => row.name));
  return migrations.filter(({ name }) => !names.has(name)).length;
}
