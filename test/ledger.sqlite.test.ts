import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../src/clock.js';
import { LedgerUnavailable } from '../src/ledger.js';
import { makeLedgerAudit } from '../src/ledger/audit.js';
import { openDatabase } from '../src/ledger/database.js';
import { migrate, pendingMigrations } from '../src/ledger/migrate.js';
import { migrations } from '../src/ledger/migrations/index.js';
import { makeLedger } from '../src/ledger/typeorm.js';
import { ledgerContract } from './contract/ledger.contract.js';
import { anOpening, enrolled, harnessOf, migrateElsewhere } from './contract/ledger.samples.js';
import { silentLog } from './world/log.js';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'genquota-ledger-'));
});
afterAll(() => rm(dir, { recursive: true }));

const open = (name: string, readOnly = false) =>
  openDatabase({ kind: 'sqlite', file: join(dir, name), readOnly }, silentLog);

ledgerContract('SQLite', async () => {
  const database = await open('contract.sqlite');
  await migrate(database);
  return harnessOf(database);
});

describe('SQLite', () => {
  it('should migrate once when two processes start at once', async () => {
    const file = join(dir, 'migrate.sqlite');
    const ran = await Promise.all([1, 2].map(() => migrateElsewhere({ kind: 'sqlite', file })));
    expect(ran.sort()).toEqual([0, migrations.length]);
    const database = await open('migrate.sqlite');
    expect(await pendingMigrations(database)).toBe(0);
    expect(await migrate(database)).toEqual([]);
    await database.dispose();
  });

  it('should count what a fresh file is to be migrated by', async () => {
    const database = await open('fresh.sqlite');
    expect(await pendingMigrations(database)).toBe(migrations.length);
    await migrate(database);
    expect(await pendingMigrations(database)).toBe(0);
    await database.dispose();
  });

  it('should commit durably, in write-ahead mode', async () => {
    const database = await open('pragmas.sqlite');
    const [mode, synchronous] = await database.read(async (sql) => [
      await sql.rows('PRAGMA journal_mode'),
      await sql.rows('PRAGMA synchronous'),
    ]);
    expect(mode).toEqual([{ journal_mode: 'wal' }]);
    expect(synchronous).toEqual([{ synchronous: 2 }]);
    await database.dispose();
  });

  it('should let an audit look at the file beside the running server, without a right to write', async () => {
    const database = await open('beside.sqlite');
    await migrate(database);
    const ledger = makeLedger(database, systemClock);
    const account = await enrolled(ledger);
    await ledger.open(anOpening(account));
    const reader = await open('beside.sqlite', true);
    expect(await makeLedgerAudit(reader).counts()).toEqual({
      accounts: 1,
      generations: 1,
      entries: 1,
    });
    await expect(makeLedger(reader, systemClock).markStale(account, 1)).rejects.toThrow(
      LedgerUnavailable,
    );
    await reader.dispose();
    await ledger.dispose();
  });

  it('should leave the whole ledger in its one file when it is disposed of', async () => {
    const database = await open('closed.sqlite');
    await migrate(database);
    const log = join(dir, 'closed.sqlite-wal');
    expect((await stat(log)).size).toBeGreaterThan(0);
    await database.dispose();
    expect((await stat(log).catch(() => ({ size: 0 }))).size).toBe(0);
  });

  it('should keep what was committed when the file is opened again', async () => {
    const before = await open('again.sqlite');
    await migrate(before);
    const account = await enrolled(makeLedger(before, systemClock));
    await before.dispose();
    const after = await open('again.sqlite');
    expect(await makeLedger(after, systemClock).subscription(account)).not.toBeNull();
    await after.dispose();
  });

  it('should say so when there is no file to audit', async () => {
    await expect(open('missing.sqlite', true)).rejects.toThrow(LedgerUnavailable);
  });
});
