// Control characters, line breaks and text-direction overrides would disguise one name as another. The invisible joiners and
// tags that emoji and some scripts are written with are part of their characters.
const NAME = /^(?:[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|\u200C|\u200D|[\u{E0020}-\u{E007F}]){1,100}$/u;
const VISIBLE = /[^\p{C}\p{Z}\p{M}]/u;

/** A workspace's name without the space around it; null unless it has 1 to 100 printable characters, one of them visible. */
export function workspaceName(value: string): string | null {
  const name = value.trim();
  return NAME.test(name) && VISIBLE.test(name) ? name : null;
}
