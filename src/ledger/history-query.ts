import { QUERY_WORDS } from '../domain/words.js';
import type { HistoryFilter } from '../history.js';
import type { Sql } from './database.js';
import { GENERATION_COLUMNS, int } from './rows.js';
import type { Value } from './rows.js';

/** A statement and what it binds. */
export interface Query {
  statement: string;
  values: readonly Value[];
}

const COLUMNS = GENERATION_COLUMNS.split(', ')
  .map((column) => `g.${column}`)
  .join(', ');

// An id is made a little after the instant its row says, and after a clock was set back as far ahead as it was.
const CLOCK_MARGIN_MS = 10 * 60_000;
const MAX_ID_MS = 2 ** 48 - 1;
// Below this a word is rare; more need not be counted. From here on, of 100,000 generations, a page looks at 20,000 at most.
const RARE = 100;

/** The words to look for, the rarest first: its generations are looked at for the others. */
export async function searchWords(
  sql: Sql,
  account: string,
  { words = [] }: HistoryFilter,
): Promise<string[]> {
  const asked = [...new Set(words)].slice(0, QUERY_WORDS);
  if (asked.length < 2) return asked;
  const rows = await sql.rows(
    asked
      .map(
        (_, n) =>
          `SELECT ${n} AS place, COUNT(*) AS found FROM (
             SELECT 1 AS one FROM prompt_words WHERE account = ? AND word = ? LIMIT ${RARE}) some${n}`,
      )
      .join(' UNION ALL '),
    asked.flatMap((word) => [account, word]),
  );
  const found = new Map(rows.map((row) => [asked[int(row, 'place')], int(row, 'found')]));
  return asked.sort((a, b) => (found.get(a) ?? 0) - (found.get(b) ?? 0));
}

/**
 * One page of the history. Dates bound the ids, too, which carry their time, so that a page is read in the order of the index that
 * serves the filter, from where it begins to where it ends. Several filters at once: by one index, the others are checked.
 * @param words those of the filter, as `searchWords` ordered them
 */
export function pageQuery(
  account: string,
  first: number,
  before: string | null,
  filter: HistoryFilter,
  words: readonly string[],
): Query {
  const conditions: string[] = [];
  const values: Value[] = [];
  const must = (condition: string, ...given: Value[]) => {
    conditions.push(condition);
    values.push(...given);
  };
  // Of the table that is read first, so that its order is the order of the page.
  const [table, id] = words.length > 0 ? ['w0', 'w0.generation_id'] : ['g', 'g.id'];

  must(`${table}.account = ?`, account);
  words.forEach((word, n) => {
    must(`w${n}.word = ?`, word);
  });
  const upper = earliest(
    before,
    filter.to === undefined ? null : idAt(filter.to + CLOCK_MARGIN_MS),
  );
  if (upper !== null) must(`${id} < ?`, upper);
  if (filter.from !== undefined) must(`${id} >= ?`, idAt(filter.from - CLOCK_MARGIN_MS));
  must('g.deleted_at IS NULL');
  addExact(filter, account, must);
  return {
    statement: `${selection(words)} WHERE ${conditions.join(' AND ')}
      ORDER BY ${id} DESC LIMIT ?`,
    values: [...values, first],
  };
}

/**
 * In this order, or MySQL looks at all generations and sorts them (1.8 s of 100,000): STRAIGHT_JOIN says so to MySQL and MariaDB,
 * and is a comment elsewhere, CROSS JOIN says so to SQLite.
 */
function selection(words: readonly string[]): string {
  if (words.length === 0) return `SELECT ${COLUMNS} FROM generations g`;
  const others = words
    .slice(1)
    .map(
      (_, n) =>
        `CROSS JOIN prompt_words w${n + 1} ON w${n + 1}.account = w0.account AND w${n + 1}.generation_id = w0.generation_id`,
    );
  return `SELECT /*! STRAIGHT_JOIN */ ${COLUMNS} FROM prompt_words w0 ${others.join(' ')}
    CROSS JOIN generations g ON g.account = w0.account AND g.id = w0.generation_id`;
}

function addExact(
  filter: HistoryFilter,
  account: string,
  must: (condition: string, ...given: Value[]) => void,
): void {
  const { action, kind, status, parent, from, to, workspace } = filter;
  if (action !== undefined) must('g.action = ?', action);
  if (kind !== undefined) must('g.kind = ?', kind);
  if (status !== undefined) must('g.status = ?', status);
  if (parent !== undefined) must('g.parent = ?', parent);
  if (from !== undefined) must('g.created_at >= ?', from);
  if (to !== undefined) must('g.created_at < ?', to);
  if (workspace) {
    must(
      `g.id IN (SELECT i.generation_id FROM workspace_items i
        WHERE i.owner = ? AND i.workspace_id = ? AND i.source_account = ?)`,
      workspace.owner,
      workspace.id,
      account,
    );
  }
}

/** The lowest id of an instant: a UUIDv7 begins with its 48 bits of milliseconds. */
export function idAt(at: number): string {
  const time = Math.min(Math.max(Math.trunc(at), 0), MAX_ID_MS);
  const hex = time.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
}

function earliest(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return a < b ? a : b;
}
