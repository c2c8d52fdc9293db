import type { Generation, Output } from '../domain/generation.js';
import { IDS_A_STATEMENT, chunksOf, marks } from './chunks.js';
import type { Sql } from './database.js';
import { GENERATION_COLUMNS, OUTPUT_COLUMNS, generationOf, outputOf, text } from './rows.js';
import type { Row, Value } from './rows.js';

/**
 * Also one whose content was deleted.
 * @param outputs when they are known already: then they are not read
 */
export function findById(
  sql: Sql,
  account: string,
  id: string,
  outputs?: readonly Output[],
): Promise<Generation | null> {
  return findGeneration(sql, 'account = ? AND id = ?', [account, id], outputs);
}

export async function findGeneration(
  sql: Sql,
  where: string,
  values: readonly Value[],
  outputs?: readonly Output[],
): Promise<Generation | null> {
  const [row] = await sql.rows(
    `SELECT ${GENERATION_COLUMNS} FROM generations WHERE ${where} LIMIT 1`,
    values,
  );
  if (!row) return null;
  if (outputs) return generationOf(row, outputs);
  const [generation] = await withOutputs(sql, text(row, 'account'), [row]);
  return generation ?? null;
}

/** Only what succeeded has outputs: the others cost no second statement. */
export async function withOutputs(
  sql: Sql,
  account: string,
  rows: readonly Row[],
): Promise<Generation[]> {
  const outputs = new Map<string, Output[]>();
  const ids = rows.filter((row) => row.status === 'SUCCEEDED').map((row) => text(row, 'id'));
  for (const some of chunksOf(ids, IDS_A_STATEMENT)) {
    const found = await sql.rows(
      `SELECT ${OUTPUT_COLUMNS} FROM outputs WHERE account = ? AND generation_id IN (${marks(some.length)})
       ORDER BY generation_id, idx`,
      [account, ...some],
    );
    for (const row of found) {
      const id = text(row, 'generation_id');
      outputs.set(id, [...(outputs.get(id) ?? []), outputOf(row)]);
    }
  }
  return rows.map((row) => generationOf(row, outputs.get(text(row, 'id')) ?? []));
}
