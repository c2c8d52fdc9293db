import { getBuiltinModule } from 'node:process';
import type { DatabaseSync, DatabaseSyncInstance } from '@photostructure/sqlite';

type Value = string | number | bigint | null | Uint8Array;

/** The part of better-sqlite3's shape that TypeORM uses. */
type SqliteDriver = new (
  file: string,
  options: { readonly?: boolean; timeout?: number },
) => { prepare(sql: string): object; pragma(text: string): unknown; close(): void };

// Statements that answer rows. Asking the statement itself (columns()) takes Node 22.16.
const READS = /^\s*(select|pragma|with|explain|values)\b|\breturning\b/i;

/** Node's own SQLite where it has one, else the same API from a prebuilt package (Node 20). */
export async function loadSqlite(): Promise<typeof DatabaseSync> {
  const builtin = getBuiltinModule('node:sqlite') as
    { DatabaseSync: typeof DatabaseSync } | undefined;
  return (builtin ?? (await import('@photostructure/sqlite'))).DatabaseSync;
}

/** SQLite in the shape that TypeORM drives. */
export async function loadSqliteDriver(): Promise<SqliteDriver> {
  const Native = await loadSqlite();
  return class {
    private readonly database: DatabaseSyncInstance;
    private readonly readOnly: boolean;
    constructor(file: string, options: { readonly?: boolean; timeout?: number }) {
      const { readonly = false, timeout = 0 } = options;
      this.readOnly = readonly;
      this.database = new Native(file, { readOnly: readonly });
      // As a pragma: the constructor's `timeout` came after node:sqlite itself.
      this.database.exec(`PRAGMA busy_timeout = ${timeout}`);
    }
    prepare(sql: string) {
      const statement = this.database.prepare(sql);
      return {
        reader: READS.test(sql),
        all: (...values: Value[]): unknown[] => statement.all(...values),
        run: (...values: Value[]) => statement.run(...values),
      };
    }
    pragma(text: string): unknown[] {
      return this.database.prepare(`PRAGMA ${text}`).all();
    }
    close() {
      // The package's close leaves statements, and with them the log file, to the garbage collector: the file alone shall be whole.
      if (!this.readOnly) this.pragma('wal_checkpoint(TRUNCATE)');
      this.database.close();
    }
  };
}
