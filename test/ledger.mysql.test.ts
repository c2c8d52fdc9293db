import { createConnection } from 'mysql2/promise';
import { systemClock } from '../src/clock.js';
import { LedgerUnavailable } from '../src/ledger.js';
import { makeLedgerAudit } from '../src/ledger/audit.js';
import { openDatabase } from '../src/ledger/database.js';
import type { Database } from '../src/ledger/database.js';
import { migrate, pendingMigrations } from '../src/ledger/migrate.js';
import { migrations } from '../src/ledger/migrations/index.js';
import { makeLedger } from '../src/ledger/typeorm.js';
import { ledgerContract } from './contract/ledger.contract.js';
import {
  aSettlement,
  anOpening,
  balance,
  enrolled,
  harnessOf,
  migrateElsewhere,
  opened,
  violationsOf,
} from './contract/ledger.samples.js';
import { freshMysqlUrl } from './engines/index.js';
import { makeWire } from './ledger.wire.js';
import { eventually } from './world/eventually.js';
import { silentLog } from './world/log.js';
import { soonerThan } from './world/sooner.js';

ledgerContract('MySQL', async () => {
  const database = await openDatabase({ kind: 'mysql', url: await freshMysqlUrl() }, silentLog);
  await migrate(database);
  return harnessOf(database);
});

describe('MySQL', () => {
  let url: string;
  let database: Database;
  beforeAll(async () => {
    url = await freshMysqlUrl();
    database = await openDatabase({ kind: 'mysql', url, connectionLimit: 4 }, silentLog);
    await migrate(database);
  });
  afterAll(() => database.dispose());

  /** A ledger whose connections go over a wire that can be cut. */
  async function wired(connectionLimit = 2) {
    const wire = await makeWire(url);
    const away = await openDatabase({ kind: 'mysql', url: wire.url, connectionLimit }, silentLog);
    const ledger = makeLedger(away, systemClock);
    return {
      wire,
      ledger,
      database: away,
      dispose: () => ledger.dispose().then(() => wire.dispose()),
    };
  }

  it('should migrate once when two processes start at once', async () => {
    const fresh = await freshMysqlUrl();
    const ran = await Promise.all(
      [1, 2].map(() => migrateElsewhere({ kind: 'mysql', url: fresh })),
    );
    expect(ran.sort()).toEqual([0, migrations.length]);
    expect(await migrate(database)).toEqual([]);
    expect(await pendingMigrations(database)).toBe(0);
  });

  it('should finish a migration that a crash cut short', async () => {
    const fresh = await openDatabase({ kind: 'mysql', url: await freshMysqlUrl() }, silentLog);
    await migrate(fresh);
    await fresh.read(async (sql) => {
      await sql.change('DELETE FROM migrations');
      await sql.change('DROP TABLE entries');
    });
    expect(await migrate(fresh)).toHaveLength(migrations.length);
    expect(await makeLedgerAudit(fresh).counts()).toMatchObject({ entries: 0 });
    await fresh.dispose();
  });

  it('should count rows matched, also when nothing in them changes', async () => {
    await enrolled(makeLedger(database, systemClock));
    const twice = () => database.read((sql) => sql.change('UPDATE subscriptions SET plan = plan'));
    expect(await twice()).toBeGreaterThan(0);
    expect(await twice()).toBe(await twice());
  });

  it('should run the whole transaction again when its connection is killed', async () => {
    let runs = 0;
    const answer = await database.transaction(async (sql) => {
      const [row] = await sql.rows('SELECT CONNECTION_ID() AS id');
      await sql.insert('shared_keys', [{ name: 'killed', secret: 'x', created_at: 1 }]);
      runs += 1;
      if (runs === 1) {
        const admin = await createConnection(url);
        await admin.query(`KILL ${String(row?.id)}`);
        await admin.end();
      }
      return sql.rows(`SELECT name FROM shared_keys WHERE name = 'killed'`);
    });
    expect(runs).toBe(2);
    expect(answer).toEqual([{ name: 'killed' }]);
  });

  it('should run both of two deadlocked transactions to their end', async () => {
    const [a, b] = [
      await enrolled(makeLedger(database, systemClock)),
      await enrolled(makeLedger(database, systemClock)),
    ];
    let runs = 0;
    // Each has one row before either wants the other's.
    let waiting = 2;
    let meet: () => void = () => undefined;
    const met = new Promise<void>((resolve) => {
      meet = resolve;
    });
    const bothHaveOne = () => {
      waiting -= 1;
      if (waiting === 0) meet();
      return met;
    };
    const touch = (first: string, second: string) =>
      database.transaction(async (sql) => {
        runs += 1;
        for (const account of [first, second]) {
          await sql.change('UPDATE periods SET granted = granted + 1 WHERE account = ?', [account]);
          if (account === first) await bothHaveOne();
        }
      });
    await Promise.all([touch(a, b), touch(b, a)]);
    expect(runs).toBeGreaterThan(2);
    const rows = await database.read((sql) =>
      sql.rows('SELECT granted FROM periods WHERE account IN (?, ?)', [a, b]),
    );
    expect(rows).toEqual([{ granted: 2 }, { granted: 2 }]);
    await database.read((sql) => sql.change('UPDATE periods SET granted = 0'));
  });

  for (const lose of ['the COMMIT itself', 'the reply to COMMIT'] as const) {
    it(`should open and settle exactly once when ${lose} is lost`, async () => {
      const { wire, ledger, dispose } = await wired();
      const account = await enrolled(ledger);
      const opening = anOpening(account);
      wire.cutAtCommit(lose === 'the COMMIT itself' ? 'before' : 'after');
      expect(await ledger.open(opening)).toMatchObject({ kind: 'opened' });
      expect(wire.cuts()).toBe(1);
      wire.cutAtCommit(lose === 'the COMMIT itself' ? 'before' : 'after');
      const settled = await ledger.settle(aSettlement(opening.generation, 'FAILED'));
      expect(wire.cuts()).toBe(2);
      // What was committed although the reply was lost is found standing; its instant shows whose doing it is.
      const kind = lose === 'the COMMIT itself' ? 'settled' : 'standing';
      expect(settled).toMatchObject({ kind, generation: { charge: 'RESTORED' } });
      expect(await balance(ledger, account)).toMatchObject({ used: 0, held: 0 });
      await dispose();
    });
  }

  it('should not hang on a silent server, nor say what it asked', async () => {
    const { wire, ledger, dispose } = await wired();
    const account = await enrolled(ledger);
    wire.freeze();
    const secret = 'a very private prompt';
    const opening = ledger.open(anOpening(account, { prompt: secret }));
    // Once its budget of 5 s, not a second time.
    const failure: unknown = await soonerThan(9_500, opening).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(LedgerUnavailable);
    const told = JSON.stringify(failure, [
      'name',
      'message',
      'cause',
      'sql',
      'query',
      'parameters',
    ]);
    expect(told + String((failure as Error).stack)).not.toMatch(/private prompt|INSERT|genquota:/);
    wire.thaw();
    expect(await opened(ledger, account)).toMatchObject({ status: 'RUNNING' });
    await dispose();
  });

  it('should be unavailable while nobody answers, and back when somebody does', async () => {
    const { wire, ledger, dispose } = await wired();
    const account = await enrolled(ledger);
    await wire.down();
    const opening = anOpening(account);
    await expect(ledger.open(opening)).rejects.toThrow(LedgerUnavailable);
    await expect(ledger.ping()).rejects.toThrow(LedgerUnavailable);
    await wire.up();
    await ledger.ping();
    expect(await ledger.open(opening)).toMatchObject({ kind: 'opened' });
    expect(await balance(ledger, account)).toMatchObject({ used: 1 });
    await dispose();
  });

  it('should close within a bound when the server is silent', async () => {
    const { wire, ledger, dispose } = await wired();
    wire.freeze();
    const asking = ledger.find('a', 'g').catch((error: unknown) => error);
    await new Promise((resolve) => setTimeout(resolve, 100)); // Until it is asked.
    // Closing leaves what is under way 2 s; a question alone would wait 5 s for the server.
    await soonerThan(4_500, dispose());
    expect(await asking).toBeInstanceOf(LedgerUnavailable);
  });

  it('should leave no connection open when it is disposed of', async () => {
    const fresh = await freshMysqlUrl();
    const used = await openDatabase({ kind: 'mysql', url: fresh, connectionLimit: 5 }, silentLog);
    await Promise.all(Array.from({ length: 20 }, () => used.read((sql) => sql.rows('SELECT 1'))));
    const connections = async () => {
      const rows = await database.read((sql) =>
        sql.rows('SELECT 1 FROM information_schema.processlist WHERE db = ?', [
          new URL(fresh).pathname.slice(1),
        ]),
      );
      return rows.length;
    };
    expect(await connections()).toBe(5);
    await used.dispose();
    // The server notices a little later.
    await eventually(async () => {
      expect(await connections()).toBe(0);
    });
  });

  it('should refuse a wrong password without repeating it', async () => {
    const wrong = new URL(url);
    wrong.password = 'hunter2';
    const failure: unknown = await openDatabase(
      { kind: 'mysql', url: wrong.href },
      silentLog,
    ).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(LedgerUnavailable);
    const { message, cause } = failure as Error;
    expect(`${message} ${String(cause)}`).not.toContain('hunter2');
  });

  it('should survive connections killed at random under load, with a clean audit', async () => {
    const fresh = await freshMysqlUrl();
    const busy = await openDatabase({ kind: 'mysql', url: fresh, connectionLimit: 8 }, silentLog);
    await migrate(busy);
    const ledger = makeLedger(busy, systemClock);
    const account = await enrolled(ledger, 150);
    const admin = await createConnection(fresh);
    const stop = new AbortController();
    const killing = (async () => {
      while (!stop.signal.aborted) {
        const [rows] = await admin.query(
          'SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()',
        );
        const ids = rows as { id: number }[];
        const victim = ids[Math.floor(Math.random() * ids.length)];
        if (victim) await admin.query(`KILL ${victim.id}`).catch(() => undefined);
        await new Promise((resolve) => setTimeout(resolve, 15));
      }
    })();
    const one = async () => {
      const opening = anOpening(account);
      for (;;) {
        const answer = await ledger.open(opening).catch(() => null);
        if (answer?.kind === 'exhausted') return 0;
        if (answer) break;
      }
      const end = aSettlement(opening.generation, Math.random() < 0.5 ? 'SUCCEEDED' : 'FAILED');
      while (!(await ledger.settle(end).catch(() => null)));
      return 1;
    };
    await Promise.all(Array.from({ length: 200 }, one));
    stop.abort();
    await killing;
    await admin.end();
    expect(await violationsOf(makeLedgerAudit(busy))).toEqual([]);
    expect((await balance(ledger, account)).held).toBe(0);
    await busy.dispose();
  });
});
