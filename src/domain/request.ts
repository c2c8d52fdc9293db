import { createHash } from 'node:crypto';
import { Fault } from './fault.js';
import type { GenerationContent, Json } from './generation.js';

// Deeper than any real settings, far shallower than the stack: a hostile document must not end as a crash.
const MAX_DEPTH = 64;

/**
 * One text per JSON value, whatever the order its keys came in. Keys are sorted by UTF-16 code units, at every depth.
 * Throws BAD_USER_INPUT for a value nested deeper than 64 levels.
 */
export function canonicalJson(value: Json): string {
  return write(value, 0);
}

function write(value: Json, depth: number): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (depth === MAX_DEPTH) {
    throw new Fault('BAD_USER_INPUT', `Send JSON that is nested at most ${MAX_DEPTH} levels deep.`);
  }
  if (Array.isArray(value)) return `[${value.map((item) => write(item, depth + 1)).join(',')}]`;
  const members = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${write(member, depth + 1)}`);
  return `{${members.join(',')}}`;
}

/**
 * Digest of what the person asked for (I4): the same for the same action, prompt, settings, inputs and output count.
 * The order of inputs matters, that of settings does not; an absent prompt is not an empty one. What it was refined from, if
 * anything, counts too.
 */
export function contentHash(content: GenerationContent, parent: string | null = null): string {
  const { action, prompt, settings, inputs, outputCount } = content;
  const refined = parent === null ? {} : { parent };
  return digest(
    canonicalJson({ action, prompt, settings, inputs: [...inputs], outputCount, ...refined }),
  );
}

/** What stands for a person's request id in keys: 43 URL-safe characters, whatever was sent. */
export function requestKey(requestId: string): string {
  return digest(requestId);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
