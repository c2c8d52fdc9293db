import { fileKeysOf } from '../domain/generation.js';
import type { Output } from '../domain/generation.js';
import type { Removals } from '../history.js';
import { IDS_A_STATEMENT, chunksOf, marks } from './chunks.js';
import type { Database, Sql } from './database.js';
import { text } from './rows.js';

/** Files that have to go, the longest due first. Writing one down again moves it: the last word counts. */
export function makeRemovals(database: Database): Removals {
  return {
    async schedule(keys, dueAt) {
      for (const some of chunksOf(keys, IDS_A_STATEMENT)) {
        await database.transaction((sql) =>
          // REPLACE is the upsert that both engines have.
          sql.change(
            `REPLACE INTO removals (asset_key, due_at) VALUES ${some.map(() => '(?, ?)').join(', ')}`,
            some.flatMap((key) => [key, dueAt]),
          ),
        );
      }
    },

    due: (at, limit) =>
      database.read(async (sql) => {
        const rows = await sql.rows(
          'SELECT asset_key FROM removals WHERE due_at <= ? ORDER BY due_at LIMIT ?',
          [at, limit],
        );
        return rows.map((row) => text(row, 'asset_key'));
      }),

    async done(keys) {
      for (const some of chunksOf(keys, IDS_A_STATEMENT)) {
        await database.transaction((sql) => forget(sql, some));
      }
    },
  };
}

/** Takes a generation's files off the list, in the transaction that makes them its outputs. */
export function keepOutputs(sql: Sql, outputs: readonly Output[]): Promise<number> {
  return forget(sql, outputs.flatMap(fileKeysOf));
}

function forget(sql: Sql, keys: readonly string[]): Promise<number> {
  return sql.change(`DELETE FROM removals WHERE asset_key IN (${marks(keys.length)})`, keys);
}
