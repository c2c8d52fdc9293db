import type { DatabaseSync, StatementSyncInstance } from '@photostructure/sqlite';

type Parameters = Parameters_<StatementSyncInstance['all']>;
type Parameters_<F> = F extends (...values: infer P) => unknown ? P : never;

/** The part of better-sqlite3's shape that TypeORM uses. */
type SqliteDriver = new (
  file: string,
  options: { readonly?: boolean; timeout?: number },
) => { prepare(sql: string): object; pragma(text: string): unknown; close(): void };

// Statements that answer rows. Asking the statement (columns()) needs Node 22.16.
const READS = /^\s*(select|pragma|with|explain|values)\b|\breturning\b/i;

/** Node's own SQLite where it has one, else the same API as a prebuilt package (Node 20). */
export async function loadSqliteDriver(): Promise<SqliteDriver> {
  const builtin = process.getBuiltinModule('node:sqlite') as
    { DatabaseSync: typeof DatabaseSync } | undefined;
  const { DatabaseSync: Native } = builtin ?? (await import('@photostructure/sqlite'));
  return class {
    private readonly database: InstanceType<typeof DatabaseSync>;
    constructor(file: string, options: { readonly?: boolean; timeout?: number }) {
      const { readonly = false, timeout = 0 } = options;
      this.database = new Native(file, { readOnly: readonly });
      // As a pragma: the constructor's `timeout` came after `node:sqlite` itself.
      this.database.exec(`PRAGMA busy_timeout = ${timeout}`);
    }
    prepare(sql: string) {
      const statement = this.database.prepare(sql);
      return {
        reader: READS.test(sql),
        all: (...values: Parameters) => statement.all(...values),
        run: (...values: Parameters) => statement.run(...values),
      };
    }
    pragma(text: string) {
      return this.database.prepare(`PRAGMA ${text}`).all();
    }
    close() {
      this.database.close();
    }
  };
}
