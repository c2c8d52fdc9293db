import type { Job, ProviderRequest } from '../../provider.js';
import { randomOf } from '../sketch/random.js';
import { FACETS } from './details.js';
import type { Detail, Facet } from './details.js';
import { tagsOf, unwantedIn } from './tags.js';
import type { Tag } from './tags.js';

const MAX_LENGTH = 2_000;
/** Times the length of the prompt, at most; */
const MAX_GROWTH = 3;
/** but a prompt of a word or two gets a sentence. */
const ALWAYS_ALLOWED_LENGTH = 240;

/** What is wrong with a request to enhance, in words; null: nothing. */
export function checkEnhance({ prompt }: ProviderRequest): string | null {
  const words = prompt?.trim() ?? '';
  if (words === '') return 'Enhancing needs a prompt to begin with.';
  return words.length > MAX_LENGTH
    ? `The prompt has ${words.length} characters; at most ${MAX_LENGTH} can be enhanced. It says a lot already: use it as it is.`
    : null;
}

/** The prompt as UTF-8 text: the person's words first, as they are, then what they leave open. */
export function enhance(job: Job): Promise<Uint8Array> {
  return Promise.resolve(Buffer.from(enhanced(job.prompt ?? '')));
}

// eslint-disable-next-line no-control-regex -- these are what is meant
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;

function enhanced(prompt: string): string {
  // Control characters are no words, and no text file holds them.
  const words = prompt.replace(CONTROL, '').trim();
  const tags = tagsOf(words);
  const unwanted = unwantedIn(words);
  const maxLength = Math.min(
    MAX_LENGTH,
    Math.max(MAX_GROWTH * words.length, ALWAYS_ALLOWED_LENGTH),
  );
  const details = FACETS.map((facet, index) => detailOf(facet, index, words, tags, unwanted));
  return (
    details
      .filter((detail) => detail !== null)
      // What is made for this prompt before what fits any: there may not be room for all.
      .sort((one, other) => Math.sign(precision(other)) - Math.sign(precision(one)))
      .reduce((text, detail) => {
        const longer = joined(text, detail.words);
        return longer.length <= maxLength ? longer : text;
      }, words)
  );
}

/** One of the details that fit best; the same for the same prompt. Null: none fits. */
function detailOf(
  facet: Facet,
  index: number,
  prompt: string,
  tags: ReadonlySet<Tag>,
  unwanted: readonly string[],
): Detail | null {
  if (facet.unless.some((tag) => tags.has(tag))) return null;
  const fitting = facet.details.filter(
    ({ words, when = [], unless = [] }) =>
      when.every((tag) => tags.has(tag)) &&
      !unless.some((tag) => tags.has(tag)) &&
      !unwanted.some((word) => words.includes(word)),
  );
  // What is made for this very prompt goes before what fits any.
  const most = Math.max(...fitting.map(precision));
  const [first, ...others] = fitting.filter((detail) => precision(detail) === most);
  return first ? randomOf('enhance', prompt, index).pick([first, ...others]) : null;
}

function precision({ when = [] }: Detail): number {
  return when.length;
}

/** Goes on in the person's own way: another sentence after a full stop, else after a comma. */
function joined(text: string, detail: string): string {
  if (/[.!?…。！？]$/u.test(text))
    return `${text} ${detail.charAt(0).toUpperCase()}${detail.slice(1)}.`;
  return /[,;:]$/u.test(text) ? `${text} ${detail}` : `${text}, ${detail}`;
}
