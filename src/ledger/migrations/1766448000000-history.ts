import type { MigrationInterface, QueryRunner } from 'typeorm';
import { indexPrompts, nameKinds } from './history-backfill.js';
import { addColumns, addIndexes, createTable, dropColumns, dropIndexes } from './tables.js';
import type { TableSketch } from './tables.js';

const TABLES: readonly TableSketch[] = [
  {
    // What ended generations are found by; the index is for deleting one's words.
    name: 'prompt_words',
    columns: [
      'account varchar(128) NOT NULL',
      'word varchar(64) NOT NULL',
      'generation_id varchar(36) NOT NULL',
      'PRIMARY KEY (account, word, generation_id)',
    ],
    indexes: { prompt_words_generation: 'account, generation_id' },
  },
  {
    name: 'removals',
    columns: ['asset_key varchar(512) NOT NULL PRIMARY KEY', 'due_at bigint NOT NULL'],
    indexes: { removals_due: 'due_at' },
  },
  {
    // Deletions of accounts that are under way; what is done is forgotten.
    name: 'erasures',
    columns: [
      'account varchar(128) NOT NULL PRIMARY KEY',
      'alias varchar(128) NOT NULL',
      'operator varchar(128) NOT NULL',
      'reason text NOT NULL',
      'at bigint NOT NULL',
    ],
  },
];

// A gateway of the version before, which may still run, writes none of these: each has a default.
const COLUMNS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  subscriptions: { closed_at: 'bigint NULL' },
  generations: {
    kind: "varchar(16) NOT NULL DEFAULT ''",
    parent: 'varchar(36) NULL',
    progress: 'double NULL',
    deleted_at: 'bigint NULL',
  },
  outputs: { thumbnail_key: 'varchar(512) NULL' },
};

// Each filter of the history by itself, in the order of its pages.
const INDEXES = {
  generations_action: 'account, action, id',
  generations_kind: 'account, kind, id',
  generations_status: 'account, status, id',
  generations_parent: 'account, parent, id',
};

export class History1766448000000 implements MigrationInterface {
  readonly name = 'History1766448000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await createTable(runner, table);
    for (const [table, columns] of Object.entries(COLUMNS)) {
      await addColumns(runner, table, columns);
    }
    // Before the indexes, which then need not follow.
    await nameKinds(runner);
    await addIndexes(runner, 'generations', INDEXES);
    await indexPrompts(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const { name } of TABLES) await runner.query(`DROP TABLE IF EXISTS ${name}`);
    await dropIndexes(runner, 'generations', Object.keys(INDEXES));
    for (const [table, columns] of Object.entries(COLUMNS)) {
      await dropColumns(runner, table, Object.keys(columns));
    }
  }
}
