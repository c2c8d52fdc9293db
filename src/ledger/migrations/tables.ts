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
  if (runner.dataSource.options.type !== 'mysql') {
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
