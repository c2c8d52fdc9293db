import { make } from '/studio/page.js';

const KIND_WORDS = {
  image: 'Images',
  video: 'Video',
  audio: 'Audio',
  style: 'Styles',
  changes: 'Changes',
  frame: 'Frames',
  prompt: 'Prompts',
};

export const kindWords = (kind) => KIND_WORDS[kind] ?? kind;

/** The actions as groups of a menu, one group for each kind. `first(kind)`: an option in front of the group's own. */
export function menuOf(actions, first = () => null) {
  const kinds = [...new Set(actions.map(({ kind }) => kind))];
  return kinds.map((kind) =>
    make(
      'optgroup',
      { label: kindWords(kind) },
      first(kind),
      actions
        .filter((action) => action.kind === kind)
        .map(({ id, name }) => make('option', { value: id }, name)),
    ),
  );
}
