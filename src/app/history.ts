import { Fault } from '../domain/fault.js';
import { wordsOf } from '../domain/words.js';
import type { HistoryFilter } from '../history.js';
import type { Core } from './core.js';
import type { GenerationPage, GenerationQuery } from './requests.js';

// Each is one more join; nobody searches for more.
const MAX_WORDS = 8;

/** One page of the account's history, newest first. Throws BAD_USER_INPUT for a text without words, NOT_FOUND for a workspace it cannot read. */
export async function generationPage(
  core: Core,
  account: string,
  first: number,
  after: string | null,
  { text, workspace, ...rest }: GenerationQuery,
): Promise<GenerationPage> {
  const filter: HistoryFilter = {
    ...rest,
    ...(text !== undefined && { words: wordsIn(text) }),
    ...(workspace !== undefined && { workspace: await readable(core, account, workspace) }),
  };
  // One more than asked for tells whether there is a next page.
  const found = await core.history.list(account, first + 1, after, filter);
  return { generations: found.slice(0, first), hasNextPage: found.length > first };
}

function wordsIn(text: string): string[] {
  const words = wordsOf(text);
  if (words.length === 0) {
    throw new Fault('BAD_USER_INPUT', 'text has no word to look for. Send a word of the prompt.');
  }
  if (words.length <= MAX_WORDS) return words;
  throw new Fault(
    'BAD_USER_INPUT',
    `text has ${words.length} words; send at most ${MAX_WORDS} of them.`,
  );
}

async function readable(
  { workspaces }: Core,
  account: string,
  id: string,
): Promise<{ owner: string; id: string }> {
  const membership = await workspaces.access(account, id);
  if (membership) return { owner: membership.workspace.owner, id };
  throw new Fault('NOT_FOUND', `There is no workspace ${id}. Look it up in workspaces.`);
}
