/** How many words a search may name: each is one more look into the index. */
export const QUERY_WORDS = 8;

// Segmenting takes quadratic time: 4,000 units at most 10 ms, 16,000 already 100. 64 distinct words come long before that.
const MAX_TEXT_UNITS = 4_000;
// The index has a row for each: a prompt that is a novel is found by its beginning.
const MAX_WORDS = 64;
const MAX_WORD_UNITS = 64;

// It brings dictionaries for scripts without spaces, whatever language the text is in.
const segmenter = new Intl.Segmenter('und', { granularity: 'word' });

/**
 * The distinct words of a text as they are indexed and looked up, in the order they come: up to 64, of up to 64 UTF-16 units
 * each, from its first 4,000 units, the same however they are cased or composed. Punctuation and emoji are no words.
 */
export function wordsOf(text: string): string[] {
  const words = new Set<string>();
  for (const { segment, isWordLike } of segmenter.segment(plain(text))) {
    if (isWordLike !== true) continue;
    words.add(cut(segment));
    if (words.size === MAX_WORDS) break;
  }
  return [...words];
}

/** Composed again after lower case, which may take letters apart (İ); cut again, since one unit may have become 18. */
function plain(text: string): string {
  const composed = text.slice(0, MAX_TEXT_UNITS).normalize('NFKC');
  return composed.toLowerCase().normalize('NFKC').slice(0, MAX_TEXT_UNITS);
}

/** Never through a character of two units: a database would make another one of its half. */
function cut(word: string): string {
  const head = word.slice(0, MAX_WORD_UNITS);
  return /[\uD800-\uDBFF]$/.test(head) ? head.slice(0, -1) : head;
}
