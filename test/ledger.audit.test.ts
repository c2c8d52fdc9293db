import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LedgerAudit, Violation } from '../src/audit.js';
import { systemClock } from '../src/clock.js';
import type { Generation } from '../src/domain/generation.js';
import type { Ledger } from '../src/ledger.js';
import { makeLedgerAudit } from '../src/ledger/audit.js';
import { openDatabase } from '../src/ledger/database.js';
import type { Database, DatabaseOptions } from '../src/ledger/database.js';
import { migrate } from '../src/ledger/migrate.js';
import { makeLedger } from '../src/ledger/typeorm.js';
import {
  START,
  aReckoning,
  aSettlement,
  aSubscription,
  balance,
  enrolled,
  newAccount,
  opened,
  reckon,
  violationsOf,
} from './contract/ledger.samples.js';
import { freshMysqlUrl } from './engines/index.js';
import { silentLog } from './world/log.js';

/** One account with a held, a posted, a restored, a written-off and a support-restored generation, and a grant. */
interface Planted {
  account: string;
  held: Generation;
  posted: Generation;
  restored: Generation;
  /** Delivered after it was restored. */
  writtenOff: Generation;
  /** Delivered, posted, and given back by Support. */
  givenBack: Generation;
}

/** What to break with raw SQL (`$account`, `$held` … stand for the values), and what the audit must then say. */
interface Fault {
  name: string;
  invariant: Violation['invariant'];
  break: string | readonly string[];
  says: RegExp;
  about: Exclude<keyof Planted, 'account'> | 'period 0/0' | 'ghost';
}

const OF = (id: string) => `account = $account AND id = ${id}`;
const ENTRY = (id: string, kind: string) =>
  `account = $account AND subject = ${id} AND kind = '${kind}'`;
// prettier-ignore
const FAULTS: readonly Fault[] = [
  { name: 'more used than was ever allowed', invariant: 'I1', about: 'period 0/0', says: /at most 1 were allowed/,
    break: 'UPDATE periods SET ceiling = 1 WHERE account = $account' },
  { name: 'a used counter that drifted', invariant: 'I1', about: 'period 0/0', says: /its generations make 2 and 1/,
    break: 'UPDATE periods SET used = used + 1 WHERE account = $account' },
  { name: 'a held counter that drifted', invariant: 'I1', about: 'period 0/0', says: /its generations make 2 and 1/,
    break: 'UPDATE periods SET held = held - 1 WHERE account = $account' },
  { name: 'entries that do not add up', invariant: 'I1', about: 'period 0/0', says: /its entries make 3 and 3/,
    break: `UPDATE entries SET units = 2 WHERE ${ENTRY('$held', 'HOLD')}` },
  { name: 'granted units without a grant', invariant: 'I1', about: 'period 0/0', says: /9 granted; its entries make 2 and 3/,
    break: 'UPDATE periods SET granted = 9, ceiling = 19 WHERE account = $account' },
  { name: 'a charge to a period without a row', invariant: 'I1', about: 'held', says: /no row/,
    break: `UPDATE generations SET period_idx = 7 WHERE ${OF('$held')}` },
  { name: 'one still open after its deadline', invariant: 'I2', about: 'held', says: /still RUNNING/,
    break: `UPDATE generations SET deadline_at = 5 WHERE ${OF('$held')}` },
  { name: 'an end that still holds its unit', invariant: 'I2', about: 'posted', says: /SUCCEEDED, but its charge is HELD/,
    break: `UPDATE generations SET charge_status = 'HELD' WHERE ${OF('$posted')}` },
  { name: 'a failure without restoration', invariant: 'I2', about: 'restored', says: /without exactly one RESTORE/,
    break: `DELETE FROM entries WHERE ${ENTRY('$restored', 'RESTORE')}` },
  { name: 'a failure restored twice', invariant: 'I2', about: 'restored', says: /without exactly one RESTORE/,
    break: ['$unlockEntries', `INSERT INTO entries SELECT * FROM entries WHERE ${ENTRY('$restored', 'RESTORE')}`] },
  { name: 'a failure that was posted', invariant: 'I2', about: 'restored', says: /without exactly one RESTORE/,
    break: `UPDATE generations SET charge_status = 'POSTED' WHERE ${OF('$restored')}` },
  { name: 'a restoration to another period', invariant: 'I2', about: 'restored', says: /went to period 0\/3/,
    break: `UPDATE entries SET period_idx = 3 WHERE ${ENTRY('$restored', 'RESTORE')}` },
  { name: 'a posted one without its POST', invariant: 'I2', about: 'posted', says: /without exactly one POST/,
    break: `DELETE FROM entries WHERE ${ENTRY('$posted', 'POST')}` },
  { name: 'POST and RESTORE of one still charged', invariant: 'I2', about: 'posted', says: /both POST and RESTORE/,
    break: `INSERT INTO entries SELECT account, subject, 'RESTORE', units, reason, rule, term, period_idx, actor, at
            FROM entries WHERE ${ENTRY('$posted', 'POST')}` },
  { name: 'a restored delivery without RESTORE', invariant: 'I2', about: 'posted', says: /RESTORED without exactly one/,
    break: `UPDATE generations SET charge_status = 'RESTORED' WHERE ${OF('$posted')}` },
  { name: 'a delivery given back without its POST', invariant: 'I2', about: 'givenBack', says: /neither a POST nor a WRITE_OFF/,
    break: `DELETE FROM entries WHERE ${ENTRY('$givenBack', 'POST')}` },
  { name: 'a delivery after restoration without its WRITE_OFF', invariant: 'I2', about: 'writtenOff', says: /neither a POST nor a WRITE_OFF/,
    break: `DELETE FROM entries WHERE ${ENTRY('$writtenOff', 'WRITE_OFF')}` },
  { name: 'a restored delivery both posted and written off', invariant: 'I2', about: 'writtenOff', says: /or with both/,
    break: `UPDATE entries SET kind = 'POST' WHERE ${ENTRY('$writtenOff', 'HOLD')}` },
  { name: 'two generations of one request', invariant: 'I4', about: 'held', says: /2 generations of one request/,
    break: ['$unlockRequests', `UPDATE generations SET request_key = 'same' WHERE account = $account AND id IN ($held, $posted)`] },
  { name: 'two HOLDs of one generation', invariant: 'I4', about: 'held', says: /2 HOLDs/,
    break: ['$unlockEntries', `INSERT INTO entries SELECT * FROM entries WHERE ${ENTRY('$held', 'HOLD')}`] },
  { name: 'a charge without a HOLD', invariant: 'I4', about: 'held', says: /charged 1 without a HOLD/,
    break: `DELETE FROM entries WHERE ${ENTRY('$held', 'HOLD')}` },
  { name: 'a success without outputs', invariant: 'I5', about: 'posted', says: /without any output/,
    break: 'DELETE FROM outputs WHERE account = $account AND generation_id = $posted' },
  { name: 'an open one that nobody looks at', invariant: 'I5', about: 'held', says: /no due instant/,
    break: `UPDATE generations SET due_at = NULL WHERE ${OF('$held')}` },
  { name: 'entries of a generation that is gone', invariant: 'I5', about: 'held', says: /HOLD of a generation that is not there/,
    break: `DELETE FROM generations WHERE ${OF('$held')}` },
  { name: 'entries of an account without a subscription', invariant: 'I5', about: 'ghost', says: /not there/,
    break: `INSERT INTO entries VALUES ('zzz', 'ghost', 'HOLD', 1, 'x', 'x', 0, 0, 'x', 1)` },
];

const UNLOCK = {
  mysql: {
    $unlockEntries: ['ALTER TABLE entries DROP PRIMARY KEY'],
    $unlockRequests: ['ALTER TABLE generations DROP KEY generations_request'],
  },
  sqlite: {
    $unlockEntries: [
      'CREATE TABLE unlocked AS SELECT * FROM entries',
      'DROP TABLE entries',
      'ALTER TABLE unlocked RENAME TO entries',
    ],
    $unlockRequests: ['DROP INDEX generations_request'],
  },
};

async function plant(ledger: Ledger): Promise<Planted> {
  const account = await enrolled(ledger, 10);
  const grant = { id: 'grant', units: 3, reason: 'Goodwill.', actor: 'ann', rule: 'r' };
  await reckon(ledger, aReckoning(account, { grant }));
  const [held, posted, restored, writtenOff, givenBack] = [
    await opened(ledger, account),
    await opened(ledger, account),
    await opened(ledger, account),
    await opened(ledger, account),
    await opened(ledger, account),
  ];
  for (const one of [posted, givenBack]) await ledger.settle(aSettlement(one, 'SUCCEEDED'));
  for (const one of [restored, writtenOff]) await ledger.settle(aSettlement(one, 'EXPIRED'));
  await ledger.settle(aSettlement(writtenOff, 'SUCCEEDED'));
  await ledger.restorePosted({ account, id: givenBack.id, reason: 'x', actor: 'ann', at: START });
  return { account, held, posted, restored, writtenOff, givenBack };
}

async function breakIt(database: Database, fault: Fault, planted: Planted): Promise<void> {
  const unlock: Record<string, readonly string[]> = UNLOCK[database.kind];
  const lines = [fault.break].flat().flatMap((line) => unlock[line] ?? [line]);
  await database.read(async (sql) => {
    for (const line of lines) {
      const values: string[] = [];
      const statement = line.replaceAll(/\$(\w+)/g, (_, name: keyof Planted) => {
        const value = planted[name];
        values.push(typeof value === 'string' ? value : value.id);
        return '?';
      });
      await sql.change(statement, values);
    }
  });
}

function auditSuite(name: string, fresh: () => Promise<DatabaseOptions>): void {
  describe(`the audit of ${name}`, () => {
    let database: Database;
    let ledger: Ledger;
    let audit: LedgerAudit;
    beforeEach(async () => {
      database = await openDatabase(await fresh(), silentLog);
      await migrate(database);
      ledger = makeLedger(database, systemClock);
      audit = makeLedgerAudit(database);
    });
    afterEach(() => ledger.dispose());

    it('should find nothing in a clean ledger', async () => {
      await plant(ledger);
      expect(await violationsOf(audit)).toEqual([]);
      expect(await audit.counts()).toEqual({ accounts: 1, generations: 5, entries: 12 });
    });

    for (const fault of FAULTS) {
      it(`should find ${fault.name}`, async () => {
        const planted = await plant(ledger);
        await breakIt(database, fault, planted);
        const { about, invariant, says } = fault;
        const subject =
          about in planted ? planted[about as keyof Omit<Planted, 'account'>].id : about;
        expect(await violationsOf(audit)).toContainEqual({
          invariant,
          account: about === 'ghost' ? 'zzz' : planted.account,
          subject,
          message: expect.stringMatching(says) as string,
        });
      });
    }

    it('should give an open generation its grace', async () => {
      const { held } = await plant(ledger);
      const overdue = async (graceMs: number) => {
        const found = [];
        for await (const one of audit.violations(held.deadlineAt + 100, graceMs)) found.push(one);
        return found.map(({ subject }) => subject);
      };
      expect(await overdue(99)).toEqual([held.id]);
      expect(await overdue(101)).toEqual([]);
    });

    it('should find one fault among many pages of accounts', async () => {
      const planted = await plant(ledger);
      await Promise.all(
        Array.from({ length: 1_100 }, () => ledger.enroll(aSubscription(newAccount()), START)),
      );
      await breakIt(database, FAULTS[1]!, planted);
      const found = await violationsOf(audit);
      expect(new Set(found.map(({ account }) => account))).toEqual(new Set([planted.account]));
    });

    it("should tell each account's balance, once", async () => {
      const { account } = await plant(ledger);
      const other = await enrolled(ledger, null);
      await ledger.enroll(aSubscription(newAccount()), START);
      const { epoch } = await balance(ledger, account);
      const found = [];
      for await (const one of audit.balances(START + 5)) found.push(one);
      expect(found.map((one) => one.account).sort()).toEqual([account, other].sort());
      expect(found.find((one) => one.account === account)).toEqual({
        account,
        epoch,
        stale: true,
        period: { term: 0, index: 0 },
        periodEnd: aReckoning(account).period.endsAt,
        used: 2,
        held: 1,
        granted: 3,
        limit: 10,
      });
      for await (const one of audit.balances(START - 1)) throw new Error(one.account);
    });
  });
}

let dir: string;
let files = 0;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'genquota-audit-'));
});
afterAll(() => rm(dir, { recursive: true }));

auditSuite('SQLite', () =>
  Promise.resolve({ kind: 'sqlite', file: join(dir, `${(files += 1)}.sqlite`) }),
);
auditSuite('MySQL', async () => ({
  kind: 'mysql',
  url: await freshMysqlUrl(),
  connectionLimit: 4,
}));
