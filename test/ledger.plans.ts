import type { Database, Sql } from '../src/ledger/database.js';
import type { Row, Value } from '../src/ledger/rows.js';

/** One statement that was asked. */
export interface Reading {
  statement: string;
  values: readonly Value[];
  /** Rows the server touched for it; null where it does not tell (SQLite). */
  examined: number | null;
}

/** How a statement finds its rows. */
export interface Plan {
  indexes: string[];
  /** Tables read from one end to the other. */
  whole: string[];
  /** Steps that sort instead of reading in order. */
  sorts: string[];
}

/** The same database, writing down what is asked of it. */
export function observed(database: Database, readings: Reading[]): Database {
  return {
    ...database,
    read: (work, budgetMs) =>
      database.read((sql) => work(noting(sql, database.kind, readings)), budgetMs),
  };
}

function noting(sql: Sql, kind: Database['kind'], readings: Reading[]): Sql {
  return {
    ...sql,
    async rows(statement, values = []) {
      const from = await rowsTouched(sql, kind);
      const rows = await sql.rows(statement, values);
      const to = await rowsTouched(sql, kind);
      readings.push({ statement, values, examined: from === null ? null : to! - from });
      return rows;
    },
  };
}

async function rowsTouched(sql: Sql, kind: Database['kind']): Promise<number | null> {
  if (kind !== 'mysql') return null;
  const rows = await sql.rows("SHOW SESSION STATUS LIKE 'Handler_read%'");
  return rows.reduce((sum, row) => sum + Number(row.Value), 0);
}

export async function explained(database: Database, { statement, values }: Reading): Promise<Plan> {
  if (database.kind === 'mysql') {
    return mysqlPlan(
      await database.read((sql) => sql.rows(`EXPLAIN FORMAT=TRADITIONAL ${statement}`, values)),
    );
  }
  const rows = await database.read((sql) => sql.rows(`EXPLAIN QUERY PLAN ${statement}`, values));
  return sqlitePlan(rows.map((row) => String(row.detail)));
}

function mysqlPlan(rows: readonly Row[]): Plan {
  return {
    indexes: rows.flatMap(({ key }) => (key === null ? [] : [String(key)])),
    whole: rows
      .filter(({ type }) => type === 'ALL' || type === 'index')
      .map(({ table }) => String(table)),
    sorts: rows.map(({ Extra }) => String(Extra)).filter((extra) => extra.includes('filesort')),
  };
}

function sqlitePlan(steps: readonly string[]): Plan {
  return {
    indexes: steps.flatMap((step) => / USING (?:COVERING )?INDEX (\S+)/.exec(step)?.[1] ?? []),
    whole: steps.filter((step) => step.startsWith('SCAN ')),
    sorts: steps.filter((step) => step.includes('TEMP B-TREE')),
  };
}
