import type { QueryRunner } from 'typeorm';

export interface TableSketch {
  name: string;
  /** Column and primary key definitions, in words both engines read. */
  columns: readonly string[];
  /** Index name → its columns. */
  indexes?: Readonly<Record<string, string>>;
  uniques?: Readonly<Record<string, string>>;
}

/** Creates a table that is not there yet: a migration cut short by a crash can run again (MySQL commits every DDL). */
export async function createTable(runner: QueryRunner, table: TableSketch): Promise<void> {
  const { name, columns, indexes = {}, uniques = {} } = table;
  if (!isMysql(runner)) {
    await runner.query(`CREATE TABLE IF NOT EXISTS ${name} (${columns.join(', ')})`);
    for (const [index, on] of Object.entries(indexes)) {
      await runner.query(`CREATE INDEX IF NOT EXISTS ${index} ON ${name} (${on})`);
    }
    for (const [index, on] of Object.entries(uniques)) {
      await runner.query(`CREATE UNIQUE INDEX IF NOT EXISTS ${index} ON ${name} (${on})`);
    }
    return;
  }
  const lines = [
    ...columns,
    ...Object.entries(indexes).map(([index, on]) => `KEY ${index} (${on})`),
    ...Object.entries(uniques).map(([index, on]) => `UNIQUE KEY ${index} (${on})`),
  ];
  await runner.query(
    `CREATE TABLE IF NOT EXISTS ${name} (${lines.join(', ')})
     ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE ${await exactCollation(runner)}`,
  );
}

/** Adds the columns that a table lacks. At its end, so that MySQL and MariaDB do it at once, without touching a row. */
export async function addColumns(
  runner: QueryRunner,
  table: string,
  columns: Readonly<Record<string, string>>,
): Promise<void> {
  const standing = await columnsOf(runner, table);
  const added = Object.entries(columns)
    .filter(([name]) => !standing.has(name))
    .map(([name, definition]) => `ADD COLUMN ${name} ${definition}`);
  await alter(runner, table, added);
}

/** Adds the indexes that a table lacks: on MySQL all in one reading of it, while others read and write. */
export async function addIndexes(
  runner: QueryRunner,
  table: string,
  indexes: Readonly<Record<string, string>>,
): Promise<void> {
  const standing = await indexesOf(runner, table);
  const missing = Object.entries(indexes).filter(([name]) => !standing.has(name));
  if (isMysql(runner)) {
    await alter(
      runner,
      table,
      missing.map(([name, on]) => `ADD INDEX ${name} (${on})`),
    );
    return;
  }
  for (const [name, on] of missing) await runner.query(`CREATE INDEX ${name} ON ${table} (${on})`);
}

/** Before the columns they are on. */
export async function dropIndexes(
  runner: QueryRunner,
  table: string,
  indexes: readonly string[],
): Promise<void> {
  const standing = await indexesOf(runner, table);
  for (const name of indexes.filter((index) => standing.has(index))) {
    await runner.query(`DROP INDEX ${name}${isMysql(runner) ? ` ON ${table}` : ''}`);
  }
}

export async function dropColumns(
  runner: QueryRunner,
  table: string,
  columns: readonly string[],
): Promise<void> {
  const standing = await columnsOf(runner, table);
  const dropped = columns.filter((name) => standing.has(name));
  await alter(
    runner,
    table,
    dropped.map((name) => `DROP COLUMN ${name}`),
  );
}

/** MySQL takes several changes in one statement, and they stand or fall together; SQLite takes them one by one. */
async function alter(
  runner: QueryRunner,
  table: string,
  changes: readonly string[],
): Promise<void> {
  if (changes.length === 0) return;
  const statements = isMysql(runner) ? [changes.join(', ')] : changes;
  for (const change of statements) await runner.query(`ALTER TABLE ${table} ${change}`);
}

function columnsOf(runner: QueryRunner, table: string): Promise<Set<string>> {
  return namesIn(
    runner,
    isMysql(runner)
      ? `SELECT COLUMN_NAME AS name FROM information_schema.COLUMNS
         WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?`
      : 'SELECT name FROM pragma_table_info(?)',
    table,
  );
}

function indexesOf(runner: QueryRunner, table: string): Promise<Set<string>> {
  return namesIn(
    runner,
    isMysql(runner)
      ? `SELECT INDEX_NAME AS name FROM information_schema.STATISTICS
         WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?`
      : 'SELECT name FROM pragma_index_list(?)',
    table,
  );
}

async function namesIn(runner: QueryRunner, query: string, table: string): Promise<Set<string>> {
  const rows = (await runner.query(query, [table])) as { name: string }[];
  return new Set(rows.map(({ name }) => name));
}

function isMysql(runner: QueryRunner): boolean {
  return runner.dataSource.options.type === 'mysql';
}

/**
 * The collation that tells every two strings apart. utf8mb4_bin ignores trailing spaces, so that 'ann ' would be 'ann':
 * MySQL 8 and MariaDB each have one that does not, under different names.
 */
async function exactCollation(runner: QueryRunner): Promise<string> {
  const rows = (await runner.query(
    `SELECT COLLATION_NAME AS name FROM information_schema.COLLATIONS
     WHERE COLLATION_NAME IN ('utf8mb4_0900_bin', 'utf8mb4_nopad_bin') ORDER BY COLLATION_NAME`,
  )) as { name: string }[];
  return rows.at(-1)?.name ?? 'utf8mb4_bin';
}
