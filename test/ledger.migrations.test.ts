import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Generation } from '../src/domain/generation.js';
import { openDatabase } from '../src/ledger/database.js';
import type { Database, DatabaseOptions } from '../src/ledger/database.js';
import { migrate } from '../src/ledger/migrate.js';
import { Ledger1763856000000 } from '../src/ledger/migrations/1763856000000-ledger.js';
import { History1766448000000 } from '../src/ledger/migrations/1766448000000-history.js';
import { migrations } from '../src/ledger/migrations/index.js';
import type { Row } from '../src/ledger/rows.js';
import { found } from './contract/history.samples.js';
import {
  START,
  aReckoning,
  aSettlement,
  aSubscription,
  anOpening,
  harnessOf,
  opened,
  reckon,
} from './contract/ledger.samples.js';
import type { LedgerHarness } from './contract/ledger.samples.js';
import { freshMysqlUrl } from './engines/index.js';
import { silentLog } from './world/log.js';

/** A generation as version 0.1 wrote it: none of the columns that came later. */
const oldRow = (account: string, n: number, changes: Row = {}): Row => ({
  account,
  id: `0190f5d2-7c1e-7000-8000-${String(n).padStart(12, '0')}`,
  request_id: `request-${n}`,
  request_key: `key-${n}`,
  content_hash: 'c',
  action: 'image.generate',
  prompt: 'a red fox',
  settings: null,
  inputs: '[]',
  output_count: 1,
  status: 'FAILED',
  charge_status: 'FREE',
  units: 0,
  rule: '2026-02',
  term: 0,
  period_idx: 0,
  provider: 'sketch',
  attempt: 1,
  owner: 'gateway-1',
  due_at: null,
  created_at: START,
  deadline_at: START + 1,
  finished_at: START + 2,
  failure_code: null,
  failure_message: null,
  failure_retryable: null,
  ...changes,
});

const OLD: readonly Row[] = [
  oldRow('ann', 1),
  oldRow('ann', 2, { action: 'frame.start.generate', prompt: 'A RED fox, again red' }),
  oldRow('ann', 3, { status: 'RUNNING', finished_at: null, due_at: START, prompt: 'a red cat' }),
  oldRow('bob', 4, { action: 'changes.generate', prompt: null }),
  oldRow('bob', 5, { action: 'poster.make' }),
  oldRow('bob', 6, { action: 'plain' }),
];

const KINDS = ['image', 'frame', 'image', 'changes', 'image', 'image'];

const insert = (database: Database, table: string, rows: readonly Row[]) =>
  database.read((sql) => sql.insert(table, rows));

/** A database as version 0.1 left it. */
async function oldDatabase(options: DatabaseOptions): Promise<Database> {
  const database = await openDatabase(options, silentLog);
  await database.exclusively((_, runner) => new Ledger1763856000000().up(runner));
  await insert(database, 'generations', OLD);
  return database;
}

const idOf = (n: number) => String(OLD[n]!.id);

async function generations({ ledger }: LedgerHarness): Promise<(Generation | null)[]> {
  return Promise.all(OLD.map(({ id }) => ledger.locate(String(id))));
}

function migrationSuite(name: string, fresh: () => Promise<DatabaseOptions>): void {
  describe(`migrating ${name} from the first version`, () => {
    let database: Database;
    let harness: LedgerHarness;
    beforeEach(async () => {
      database = await oldDatabase(await fresh());
      harness = harnessOf(database);
    });
    afterEach(() => database.dispose());

    const newest = async (account: string, words: string[]) =>
      (await found(harness, account, { words })).join();

    it('should say what old generations are, and find them by their words once they have ended', async () => {
      expect(await migrate(database)).toEqual(migrations.map(({ name: own }) => own));
      const all = await generations(harness);
      expect(all.map((one) => one?.kind)).toEqual(KINDS);
      for (const one of all) {
        expect(one).toMatchObject({ parent: null, progress: null, deletedAt: null });
      }
      expect(await found(harness, 'ann', { kind: 'frame' })).toEqual([idOf(1)]);
      expect(await newest('ann', ['red', 'fox'])).toBe([idOf(1), idOf(0)].join());
      expect(await newest('ann', ['cat'])).toBe('');
      await harness.ledger.settle(aSettlement(all[2]!, 'FAILED'));
      expect(await newest('ann', ['cat'])).toBe(idOf(2));
    });

    it('should keep old subscriptions open and old outputs without a thumbnail', async () => {
      await insert(database, 'subscriptions', [
        {
          ...{ account: 'ann', plan: 'core', started_at: START, billing_cycle: 'MONTHLY' },
          ...{ time_zone: 'UTC', term: 0, period_index: 0, pending_plan: null, pending_at: null },
          ...{ revision: 0, epoch: 0, stale_at: null, created_at: START },
        },
      ]);
      await insert(database, 'generations', [oldRow('ann', 9, { status: 'SUCCEEDED' })]);
      const { id } = oldRow('ann', 9);
      await insert(database, 'outputs', [
        {
          ...{ account: 'ann', generation_id: id!, idx: 0, asset_key: 'k.png', sha256: 'a' },
          ...{ content_type: 'image/png', bytes: 1, width: 1, height: 1, duration_ms: null },
        },
      ]);
      await migrate(database);
      expect(await harness.ledger.subscription('ann')).toEqual(aSubscription('ann'));
      const [output] = (await harness.ledger.find('ann', String(id)))!.outputs;
      expect(output).toMatchObject({ key: 'k.png', thumbnailKey: null });
    });

    it('should go on where a crash cut it short, and leave alone what was written since', async () => {
      await migrate(database);
      await harness.ledger.enroll(aSubscription('ann'), START);
      await reckon(harness.ledger, aReckoning('ann'));
      const own = await opened(harness.ledger, 'ann', { action: 'poster.make', kind: 'video' });
      await database.read(async (sql) => {
        const on = database.kind === 'mysql' ? ' ON generations' : '';
        await sql.change('DELETE FROM migrations');
        await sql.change(`DROP INDEX generations_kind${on}`);
        await sql.change('ALTER TABLE generations DROP COLUMN progress');
        await sql.change('DROP TABLE removals');
        // It had come to Bob, but not to his last one.
        await sql.change('DELETE FROM prompt_words WHERE generation_id = ?', [idOf(5)]);
        await sql.change("UPDATE generations SET kind = '' WHERE id = ?", [idOf(1)]);
      });
      expect(await migrate(database)).toHaveLength(migrations.length);
      expect((await generations(harness)).map((one) => one?.kind)).toEqual(KINDS);
      expect(await harness.ledger.find('ann', own.id)).toMatchObject({ kind: 'video' });
      expect(await newest('bob', ['fox'])).toBe([idOf(5), idOf(4)].join());
      expect(await newest('ann', ['fox'])).toBe([idOf(1), idOf(0)].join());
      expect(await harness.ledger.note(own, { progress: 0.5 })).toBe(true);
      expect(await harness.removals.due(START, 1)).toEqual([]);
      expect(await indexesOf('generations')).toEqual(
        expect.arrayContaining(['generations_action', 'generations_kind', 'generations_status']),
      );
    });

    it('should read what a gateway of the first version still writes beside this one', async () => {
      await migrate(database);
      await insert(database, 'generations', [
        oldRow('eve', 7, { action: 'audio.edit' }),
        oldRow('eve', 8, { action: 'poster.make' }),
      ]);
      const all = await harness.history.list('eve', 9, null, {});
      expect(all.map(({ kind }) => kind)).toEqual(['image', 'audio']);
    });

    it('should migrate several batches of accounts and prompts', async () => {
      const many = Array.from({ length: 11_000 }, (_, n) =>
        oldRow(`account-${n < 1_300 ? 'many' : n}`, 10 + n, {
          action: 'video.edit',
          prompt: `word${n} shared`,
        }),
      );
      for (let from = 0; from < many.length; from += 1_000) {
        await insert(database, 'generations', many.slice(from, from + 1_000));
      }
      await migrate(database);
      const [counts] = await database.read((sql) =>
        sql.rows(
          `SELECT (SELECT COUNT(*) FROM prompt_words WHERE word = 'shared') AS words,
             (SELECT COUNT(*) FROM generations WHERE kind = 'video') AS kinds`,
        ),
      );
      expect([Number(counts?.words), Number(counts?.kinds)]).toEqual([many.length, many.length]);
      for (const n of [0, 499, 500, 1_299]) {
        expect(await newest('account-many', [`word${n}`])).toBe(String(many[n]!.id));
      }
    });

    it('should go back to the first version, and forward again', async () => {
      await migrate(database);
      const migration = new History1766448000000();
      await database.exclusively((_, runner) => migration.down(runner));
      expect(await indexesOf('generations')).not.toContain('generations_kind');
      await insert(database, 'generations', [oldRow('eve', 7)]);
      await database.exclusively((_, runner) => migration.up(runner));
      expect(await newest('eve', ['fox'])).not.toBe('');
      await harness.ledger.enroll(aSubscription('eve'), START);
      const opening = anOpening('eve', { units: 0 });
      expect(await harness.ledger.open(opening)).toMatchObject({ kind: 'opened' });
    });

    async function indexesOf(table: string): Promise<string[]> {
      const rows = await database.read((sql) =>
        database.kind === 'mysql'
          ? sql.rows(`SHOW INDEX FROM ${table}`)
          : sql.rows('SELECT name AS Key_name FROM pragma_index_list(?)', [table]),
      );
      return [...new Set(rows.map((row) => String(row.Key_name)))];
    }
  });
}

let dir: string;
let files = 0;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'genquota-migrations-'));
});
afterAll(() => rm(dir, { recursive: true }));

migrationSuite('SQLite', () =>
  Promise.resolve({ kind: 'sqlite', file: join(dir, `${(files += 1)}.sqlite`) }),
);
migrationSuite('MySQL', async () => ({
  kind: 'mysql',
  url: await freshMysqlUrl(),
  connectionLimit: 4,
}));
