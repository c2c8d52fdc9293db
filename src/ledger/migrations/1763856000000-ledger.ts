import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createTable } from './tables.js';
import type { TableSketch } from './tables.js';

// Every table of accounts leads with the account, so that a sharded database keeps an account together. Instants are epoch milliseconds.
const TABLES: readonly TableSketch[] = [
  {
    name: 'subscriptions',
    columns: [
      'account varchar(128) NOT NULL PRIMARY KEY',
      'plan varchar(128) NOT NULL',
      'started_at bigint NOT NULL',
      'billing_cycle varchar(16) NOT NULL',
      'time_zone varchar(64) NOT NULL',
      'term bigint NOT NULL',
      'period_index bigint NOT NULL',
      'pending_plan varchar(128) NULL',
      'pending_at bigint NULL',
      'revision bigint NOT NULL',
      'epoch bigint NOT NULL',
      'stale_at bigint NULL',
      'created_at bigint NOT NULL',
    ],
    indexes: { subscriptions_stale: 'stale_at' },
  },
  {
    name: 'periods',
    columns: [
      'account varchar(128) NOT NULL',
      'term bigint NOT NULL',
      'idx bigint NOT NULL',
      'starts_at bigint NOT NULL',
      'ends_at bigint NOT NULL',
      'plan varchar(128) NOT NULL',
      'limit_units bigint NULL',
      'limit_from bigint NOT NULL',
      'granted bigint NOT NULL',
      'used bigint NOT NULL',
      'held bigint NOT NULL',
      'ceiling bigint NULL',
      'revision bigint NOT NULL',
      'PRIMARY KEY (account, term, idx)',
    ],
  },
  {
    name: 'generations',
    columns: [
      'account varchar(128) NOT NULL',
      'id varchar(36) NOT NULL',
      'request_id varchar(512) NOT NULL',
      'request_key varchar(64) NOT NULL',
      'content_hash varchar(128) NOT NULL',
      'action varchar(128) NOT NULL',
      'prompt mediumtext NULL',
      'settings mediumtext NULL',
      'inputs mediumtext NOT NULL',
      'output_count bigint NOT NULL',
      'status varchar(16) NOT NULL',
      'charge_status varchar(16) NOT NULL',
      'units bigint NOT NULL',
      'rule varchar(128) NOT NULL',
      'term bigint NOT NULL',
      'period_idx bigint NOT NULL',
      'provider varchar(128) NOT NULL',
      'attempt bigint NOT NULL',
      'owner varchar(128) NOT NULL',
      'due_at bigint NULL',
      'created_at bigint NOT NULL',
      'deadline_at bigint NOT NULL',
      'finished_at bigint NULL',
      'failure_code varchar(32) NULL',
      'failure_message text NULL',
      'failure_retryable smallint NULL',
      'PRIMARY KEY (account, id)',
    ],
    indexes: {
      generations_id: 'id',
      generations_due: 'status, due_at',
      generations_overdue: 'status, deadline_at',
    },
    uniques: { generations_request: 'account, request_key' },
  },
  {
    name: 'outputs',
    columns: [
      'account varchar(128) NOT NULL',
      'generation_id varchar(36) NOT NULL',
      'idx bigint NOT NULL',
      'asset_key varchar(512) NOT NULL',
      'content_type varchar(128) NOT NULL',
      'bytes bigint NOT NULL',
      'sha256 varchar(64) NOT NULL',
      'width bigint NULL',
      'height bigint NULL',
      'duration_ms double NULL',
      'PRIMARY KEY (account, generation_id, idx)',
    ],
  },
  {
    // Append-only in what it counts: deletion of a person replaces words and names here, never a number.
    name: 'entries',
    columns: [
      'account varchar(128) NOT NULL',
      'subject varchar(128) NOT NULL',
      'kind varchar(16) NOT NULL',
      'units bigint NOT NULL',
      'reason text NOT NULL',
      'rule varchar(128) NOT NULL',
      'term bigint NOT NULL',
      'period_idx bigint NOT NULL',
      'actor varchar(128) NOT NULL',
      'at bigint NOT NULL',
      'PRIMARY KEY (account, subject, kind)',
    ],
  },
  {
    name: 'shared_keys',
    columns: [
      'name varchar(64) NOT NULL PRIMARY KEY',
      'secret varchar(128) NOT NULL',
      'created_at bigint NOT NULL',
    ],
  },
];

export class Ledger1763856000000 implements MigrationInterface {
  readonly name = 'Ledger1763856000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await createTable(runner, table);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const { name } of TABLES) await runner.query(`DROP TABLE IF EXISTS ${name}`);
  }
}
