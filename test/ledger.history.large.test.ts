import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { History, HistoryFilter, PeriodRow } from '../src/history.js';
import { openDatabase } from '../src/ledger/database.js';
import type { Database, DatabaseOptions } from '../src/ledger/database.js';
import { makeHistory } from '../src/ledger/history.js';
import { migrate } from '../src/ledger/migrate.js';
import type { Row } from '../src/ledger/rows.js';
import { freshMysqlUrl } from './engines/index.js';
import { explained, observed } from './ledger.plans.js';
import type { Reading } from './ledger.plans.js';
import { silentLog } from './world/log.js';

const ACCOUNT = 'ann';
const COUNT = 100_000;
const MINUTE = 60_000;
// Five minutes apart: a little less than a year.
const FIRST = Date.UTC(2026, 1, 25);
const EVERY = 5 * MINUTE;
const createdAt = (n: number) => FIRST + n * EVERY;
const WORKSPACE = { owner: 'bob', id: 'ws_1' };
const PAGE = 20;

/** The nth generation's id: a UUIDv7 of its instant. */
function idOf(n: number): string {
  const time = createdAt(n).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${String(n).padStart(12, '0')}`;
}

const every = (step: number) => (n: number) => n % step === 0;
const RARE_ACTION = every(1_000);
const RARE_STATUS = every(2_000);
const CHILD = every(500);
const RARE_WORD = every(4_000);
const HALF_WORD = every(2);
const SAVED = every(900);

function generation(n: number): Row {
  const style = RARE_ACTION(n);
  return {
    account: ACCOUNT,
    id: idOf(n),
    request_id: `request-${n}`,
    request_key: `key-${n}`,
    content_hash: 'c',
    action: style ? 'style.create' : 'image.generate',
    kind: style ? 'style' : 'image',
    prompt: 'a prompt of the usual length, about a lighthouse at dawn and the sea around it',
    settings: null,
    inputs: '[]',
    output_count: 1,
    status: RARE_STATUS(n) ? 'BLOCKED' : 'SUCCEEDED',
    charge_status: 'POSTED',
    units: 1,
    rule: '2026-02',
    term: 0,
    period_idx: Math.floor(n / 8_928),
    provider: 'sketch',
    attempt: 1,
    owner: '',
    due_at: null,
    created_at: createdAt(n),
    deadline_at: createdAt(n),
    finished_at: createdAt(n),
    parent: CHILD(n) ? 'first' : null,
    failure_code: null,
    failure_message: null,
    failure_retryable: null,
  };
}

async function fill(database: Database): Promise<void> {
  const A_STATEMENT = 1_000;
  for (let from = 0; from < COUNT; from += 10 * A_STATEMENT) {
    await database.transaction(async (sql) => {
      for (let at = from; at < from + 10 * A_STATEMENT; at += A_STATEMENT) {
        const rows = Array.from({ length: A_STATEMENT }, (_, n) => generation(at + n));
        await sql.insert('generations', rows);
      }
    });
  }
  // Somebody else, of whom much waits: what is open is few of one account, not of all.
  const others = Array.from({ length: A_STATEMENT }, (_, n) => ({
    ...generation(n),
    ...{ account: 'bob', status: n % 2 === 0 ? 'QUEUED' : 'BLOCKED', due_at: 1 },
  }));
  await database.read((sql) => sql.insert('generations', others));
  const number = 'CAST(SUBSTR(request_id, 9) AS DECIMAL)';
  const words = { common: '1 = 1', half: `${number} % 2 = 0`, rarest: `${number} % 4000 = 0` };
  for (const [word, where] of Object.entries(words)) {
    await database.read(
      (sql) =>
        sql.change(
          `INSERT INTO prompt_words (account, word, generation_id)
           SELECT account, '${word}', id FROM generations WHERE account = '${ACCOUNT}' AND ${where}`,
        ),
      60_000,
    );
  }
  await database.read((sql) =>
    sql.change(
      `INSERT INTO workspace_items (owner, workspace_id, id, source_account, generation_id, idx, asset_key,
         content_type, bytes, sha256, kind, saved_by, saved_at)
       SELECT 'bob', 'ws_1', id, account, id, 0, 'k', 'image/png', 1, 'a', kind, account, created_at
       FROM generations WHERE account = '${ACCOUNT}' AND ${number} % 900 = 0`,
    ),
  );
  // What the server does by itself a little after so many changes.
  if (database.kind === 'mysql') {
    await database.read((sql) =>
      sql.rows('ANALYZE TABLE generations, prompt_words, workspace_items'),
    );
  }
}

interface Search {
  name: string;
  filter: HistoryFilter;
  holds: (n: number) => boolean;
  /** The index that must serve it. */
  index: RegExp;
  /** The most rows one page may look at: a multiple of what it answers. */
  atMost: number;
  /** Few enough to be sorted, however long the history is. */
  few?: true;
}

const PRIMARY = /PRIMARY|sqlite_autoindex_generations_1/;
const WORDS = /PRIMARY|prompt_words/;
const [FROM, TO] = [createdAt(60_000), createdAt(70_000)];
// prettier-ignore
const SEARCHES: readonly Search[] = [
  { name: 'everything', filter: {}, holds: () => true, index: PRIMARY, atMost: 100 },
  { name: 'a common action', filter: { action: 'image.generate' }, holds: (n) => !RARE_ACTION(n), index: /PRIMARY|action/, atMost: 100 },
  { name: 'a rare action', filter: { action: 'style.create' }, holds: RARE_ACTION, index: /generations_action/, atMost: 100 },
  { name: 'a rare kind', filter: { kind: 'style' }, holds: RARE_ACTION, index: /generations_kind/, atMost: 100 },
  { name: 'a rare status', filter: { status: 'BLOCKED' }, holds: RARE_STATUS, index: /generations_status/, atMost: 100 },
  { name: 'a common status', filter: { status: 'SUCCEEDED' }, holds: (n) => !RARE_STATUS(n), index: /PRIMARY|status/, atMost: 100 },
  { name: 'a status that none has', filter: { status: 'QUEUED' }, holds: () => false, index: /generations_status/, atMost: 20 },
  { name: 'what was refined from one', filter: { parent: 'first' }, holds: CHILD, index: /generations_parent/, atMost: 100 },
  { name: 'a stretch of time', filter: { from: FROM, to: TO }, holds: (n) => n >= 60_000 && n < 70_000, index: PRIMARY, atMost: 100 },
  { name: 'an empty stretch of time', filter: { from: FIRST - 99 * EVERY, to: FIRST - EVERY }, holds: () => false, index: PRIMARY, atMost: 20 },
  { name: 'a rare action in a stretch of time', filter: { action: 'style.create', from: FROM, to: TO }, holds: (n) => RARE_ACTION(n) && n >= 60_000 && n < 70_000, index: /generations_action|generations_1/, atMost: 100 },
  { name: 'a workspace', filter: { workspace: WORKSPACE }, holds: SAVED, index: /PRIMARY|workspace_items_source/, atMost: 500, few: true },
  { name: 'a common word', filter: { words: ['common'] }, holds: () => true, index: WORDS, atMost: 150 },
  { name: 'a rare word', filter: { words: ['rarest'] }, holds: RARE_WORD, index: WORDS, atMost: 150 },
  { name: 'common words', filter: { words: ['half', 'common'] }, holds: HALF_WORD, index: WORDS, atMost: 900 },
  { name: 'a rare and a common word', filter: { words: ['common', 'rarest'] }, holds: RARE_WORD, index: WORDS, atMost: 900 },
  { name: 'a word in a stretch of time', filter: { words: ['common'], from: FROM, to: TO }, holds: (n) => n >= 60_000 && n < 70_000, index: WORDS, atMost: 200 },
];

function largeSuite(name: string, fresh: () => Promise<DatabaseOptions>): void {
  describe(`a history of 100,000 on ${name}`, () => {
    let database: Database;
    let history: History;
    let readings: Reading[];
    beforeAll(async () => {
      database = await openDatabase(await fresh(), silentLog);
      await migrate(database);
      await fill(database);
      readings = [];
      history = makeHistory(observed(database, readings));
    }, 120_000);
    afterAll(() => database.dispose());

    /** What one page answers, how it was found, and how many rows were looked at for it. */
    async function look(before: string | null, filter: HistoryFilter) {
      readings.length = 0;
      const page = await history.list(ACCOUNT, PAGE, before, filter);
      const reading = readings.find(({ statement }) => statement.includes('ORDER BY'));
      if (!reading) throw new Error('no page was asked for');
      return {
        ids: page.map(({ id }) => id),
        plan: await explained(database, reading),
        examined: readings.reduce((sum, one) => sum + (one.examined ?? 0), 0),
      };
    }

    for (const { name: what, filter, holds, index, atMost, few = false } of SEARCHES) {
      it(`should page through ${what} by index, in order, near and far`, async () => {
        const all = Array.from({ length: COUNT }, (_, n) => COUNT - 1 - n).filter(holds);
        // The last full page: the 5,000th of everything.
        const far = Math.max(0, all.length - PAGE);
        for (const from of [0, far]) {
          const before = from === 0 ? null : idOf(all[from - 1]!);
          const { ids, plan, examined } = await look(before, filter);
          expect(ids).toEqual(all.slice(from, from + PAGE).map(idOf));
          expect(plan.indexes.join()).toMatch(index);
          if (!few) expect(plan).toMatchObject({ whole: [], sorts: [] });
          expect(examined).toBeLessThanOrEqual(atMost);
        }
      });
    }

    it('should count a period without looking at the others', async () => {
      const startsAt = createdAt(8_928);
      const period: PeriodRow = {
        ref: { term: 0, index: 1 },
        ...{ startsAt, endsAt: createdAt(2 * 8_928), plan: 'ultimate', limit: null },
        ...{ granted: 0, used: 8_928, held: 0 },
      };
      readings.length = 0;
      const usage = await history.usage(ACCOUNT, period);
      const sum = (key: 'generations' | 'units') =>
        usage.reduce((total, count) => total + count[key], 0);
      expect([sum('generations'), sum('units')]).toEqual([8_928, 8_928]);
      const [reading] = readings;
      const plan = await explained(database, reading!);
      expect(plan.indexes.join()).toMatch(PRIMARY);
      // Two days on either side for bounds that moved; then the groups, which are written and read once more.
      if (reading!.examined !== null) expect(reading!.examined).toBeLessThan(4 * 8_928);
    });
  });
}

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'genquota-history-'));
});
afterAll(() => rm(dir, { recursive: true }));

largeSuite('SQLite', () => Promise.resolve({ kind: 'sqlite', file: join(dir, 'large.sqlite') }));
largeSuite('MySQL', async () => ({
  kind: 'mysql',
  url: await freshMysqlUrl(),
  connectionLimit: 2,
}));
