import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../src/ledger/database.js';
import type { DatabaseOptions } from '../src/ledger/database.js';
import { migrate } from '../src/ledger/migrate.js';
import { makeWorkspaces } from '../src/ledger/workspaces.js';
import { workspacesContract } from './contract/workspaces.contract.js';
import { freshMysqlUrl } from './engines/index.js';
import { silentLog } from './world/log.js';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'genquota-workspaces-'));
});
afterAll(() => rm(dir, { recursive: true }));

async function start(options: DatabaseOptions) {
  const database = await openDatabase(options, silentLog);
  await migrate(database);
  return { database, workspaces: makeWorkspaces(database) };
}

workspacesContract('SQLite', () => start({ kind: 'sqlite', file: join(dir, 'ledger.sqlite') }));
workspacesContract('MySQL', async () => start({ kind: 'mysql', url: await freshMysqlUrl() }));
