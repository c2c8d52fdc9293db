import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createTable } from './tables.js';
import type { TableSketch } from './tables.js';

const TABLES: readonly TableSketch[] = [
  {
    // Locked while a workspace is made: two of one owner are counted one after the other.
    name: 'workspace_owners',
    columns: ['owner varchar(128) NOT NULL PRIMARY KEY'],
  },
  {
    name: 'workspaces',
    columns: [
      'owner varchar(128) NOT NULL',
      'id varchar(48) NOT NULL',
      'name varchar(100) NOT NULL',
      'request_key varchar(64) NOT NULL',
      'created_at bigint NOT NULL',
      'PRIMARY KEY (owner, id)',
    ],
    uniques: { workspaces_request: 'owner, request_key' },
  },
  {
    // Leads with the member, who looks for what is shared with them; the index is for the owner, who looks at the members.
    name: 'workspace_shares',
    columns: [
      'account varchar(128) NOT NULL',
      'workspace_id varchar(48) NOT NULL',
      'owner varchar(128) NOT NULL',
      'access varchar(16) NOT NULL',
      'at bigint NOT NULL',
      'PRIMARY KEY (account, workspace_id)',
    ],
    indexes: { workspace_shares_workspace: 'owner, workspace_id' },
  },
  {
    // The unique key is also what the history looks saved generations up by.
    name: 'workspace_items',
    columns: [
      'owner varchar(128) NOT NULL',
      'workspace_id varchar(48) NOT NULL',
      'id varchar(48) NOT NULL',
      'source_account varchar(128) NOT NULL',
      'generation_id varchar(36) NOT NULL',
      'idx bigint NOT NULL',
      'asset_key varchar(512) NOT NULL',
      'thumbnail_key varchar(512) NULL',
      'content_type varchar(128) NOT NULL',
      'bytes bigint NOT NULL',
      'sha256 varchar(64) NOT NULL',
      'width bigint NULL',
      'height bigint NULL',
      'duration_ms double NULL',
      'kind varchar(32) NOT NULL',
      'saved_by varchar(128) NOT NULL',
      'saved_at bigint NOT NULL',
      'PRIMARY KEY (owner, workspace_id, id)',
    ],
    indexes: { workspace_items_id: 'id', workspace_items_saver: 'saved_by' },
    uniques: {
      workspace_items_source: 'owner, workspace_id, source_account, generation_id, idx',
    },
  },
];

export class Workspaces1766534400000 implements MigrationInterface {
  readonly name = 'Workspaces1766534400000';

  async up(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await createTable(runner, table);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const { name } of TABLES) await runner.query(`DROP TABLE IF EXISTS ${name}`);
  }
}
