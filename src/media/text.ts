import type { MediaFacts } from '../media.js';

/** The most that text or JSON may have. */
export const MAX_TEXT_BYTES = 2 ** 20;

// Everything below a blank but tab, line feed, form feed and carriage return; and delete.
// eslint-disable-next-line no-control-regex -- these are what tells bytes from text
const CONTROL = /[\u0000-\u0008\u000b\u000e-\u001f\u007f]/;
/** Beginnings of what some program would run or draw: markup, PDF, PostScript, scripts, RTF. */
const PROGRAM_START = /^\s*(<[!?]|<[a-z][\w.-]*(:[\w.-]+)?(\s|\/?>)|%PDF|%!PS|#!|\{\\rtf)/i;
/** Markup that runs or draws, anywhere: browsers have been seen to look for it further in. */
const MARKUP =
  /<(!doctype|\?xml|html|head|body|svg|script|style|iframe|object|embed|link|meta|img)\b/i;

const NOTHING_SHOWN = { width: null, height: null, durationMs: null };

/** UTF-8 without control characters that is neither markup nor a program, or JSON; null: anything else. */
export function inspectText(bytes: Buffer): MediaFacts | null {
  if (bytes.length === 0 || bytes.length > MAX_TEXT_BYTES) return null;
  const text = decoded(bytes);
  if (text === null || CONTROL.test(text)) return null;
  if (isJson(text)) return { contentType: 'application/json', ...NOTHING_SHOWN };
  if (PROGRAM_START.test(text) || MARKUP.test(text)) return null;
  return { contentType: 'text/plain', ...NOTHING_SHOWN };
}

function decoded(bytes: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** An object or a list: a lone number or word is text to a person. */
function isJson(text: string): boolean {
  if (!/^\s*[[{]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
