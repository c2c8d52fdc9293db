import type { QueryRunner } from 'typeorm';
import { wordsOf } from '../../domain/words.js';
import { chunksOf, marks } from '../chunks.js';

// On MySQL each batch is a transaction of its own: old gateways that still run wait for one at most.
const KINDS_A_BATCH = 10_000;
// With the longest prompts, 16,000 characters each, some 30 MB in memory.
const PROMPTS_A_BATCH = 500;
// Three values each, and SQLite binds at most 32,766.
const WORDS_A_STATEMENT = 5_000;

// Up to the first dot, as the first catalogue named its actions. A partner's own names may say anything: most make images.
const NAMED = "SUBSTR(action, 1, INSTR(action, '.') - 1)";
const KIND = `CASE WHEN ${NAMED} IN ('image', 'video', 'audio', 'style', 'changes', 'frame', 'prompt')
  THEN ${NAMED} ELSE 'image' END`;

/** Writes down what generations made before had kinds as columns were made as. May run again. */
export async function nameKinds(runner: QueryRunner): Promise<void> {
  let after = '';
  for (;;) {
    const [ahead] = (await runner.query(
      `SELECT account FROM generations WHERE account > ? ORDER BY account LIMIT 1 OFFSET ${KINDS_A_BATCH}`,
      [after],
    )) as { account: string }[];
    await runner.query(
      `UPDATE generations SET kind = ${KIND}
       WHERE kind = '' AND account > ?${ahead ? ' AND account <= ?' : ''}`,
      ahead ? [after, ahead.account] : [after],
    );
    if (!ahead) return;
    after = ahead.account;
  }
}

interface OldGeneration {
  account: string;
  id: string;
  prompt: string | null;
}

/** Makes ended generations' prompts searchable. May run again, and goes on with the account it came to. */
export async function indexPrompts(runner: QueryRunner): Promise<void> {
  const [reached] = (await runner.query('SELECT MAX(account) AS account FROM prompt_words')) as {
    account: string | null;
  }[];
  let last: OldGeneration = { account: reached?.account ?? '', id: '', prompt: null };
  for (;;) {
    const batch = await endedBehind(runner, last);
    const words = batch.flatMap(({ account, id, prompt }) =>
      wordsOf(prompt ?? '').map((word) => [account, word, id]),
    );
    for (const some of chunksOf(words, WORDS_A_STATEMENT)) {
      // REPLACE, as both engines have it: a run that was cut short has written some already.
      await runner.query(
        `REPLACE INTO prompt_words (account, word, generation_id)
         VALUES ${some.map(() => `(${marks(3)})`).join(', ')}`,
        some.flat(),
      );
    }
    const next = batch.at(-1);
    if (!next) return;
    last = next;
  }
}

/** The rest of the same account, then the next ones: each by primary key, which a comparison of pairs is not on MySQL. */
async function endedBehind(runner: QueryRunner, last: OldGeneration): Promise<OldGeneration[]> {
  const ended = async (where: string, order: string, values: string[], limit: number) =>
    (await runner.query(
      `SELECT account, id, prompt FROM generations WHERE ${where} AND finished_at IS NOT NULL
       ORDER BY ${order} LIMIT ${limit}`,
      values,
    )) as OldGeneration[];
  // By id alone: MariaDB sorts the whole account when it is told to order by that, too.
  const same = await ended(
    'account = ? AND id > ?',
    'id',
    [last.account, last.id],
    PROMPTS_A_BATCH,
  );
  const left = PROMPTS_A_BATCH - same.length;
  if (left === 0) return same;
  return [...same, ...(await ended('account > ?', 'account, id', [last.account], left))];
}
