import { isAccount } from '../domain/account.js';
import { Fault } from '../domain/fault.js';
import type { Json } from '../domain/generation.js';

const SETTINGS_BYTES = 16 * 1024;
const SETTINGS_DEPTH = 8;
const MAX_INPUTS = 8;
// As long as a request id: both are names somebody else made up.
export const MAX_ID_LENGTH = 255;

/** The text, if it has `min` to `max` characters (UTF-16 units). Throws BAD_USER_INPUT naming `argument`. */
export function textWithin(argument: string, value: string, min: number, max: number): string {
  if (!isWellFormed(value)) throw refused(argument, 'must be well-formed Unicode');
  if (value.length >= min && value.length <= max) return value;
  throw refused(
    argument,
    `must have ${min} to ${grouped(max)} characters; it has ${grouped(value.length)}`,
  );
}

/** The number, if it lies in `min`…`max`. Throws BAD_USER_INPUT naming `argument`. */
export function countWithin(argument: string, value: number, min: number, max: number): number {
  if (value >= min && value <= max) return value;
  throw refused(argument, `must be ${min} to ${grouped(max)}; it is ${value}`);
}

/** An account's id: what tokens carry as `sub`. */
export function accountId(argument: string, value: string): string {
  if (isAccount(value)) return value;
  throw refused(argument, 'must have 1 to 128 printable characters');
}

export function inputIds(argument: string, value: readonly string[]): readonly string[] {
  if (value.length > MAX_INPUTS) {
    throw refused(argument, `must hold 0 to ${MAX_INPUTS} ids; it holds ${value.length}`);
  }
  return value.map((id, index) => textWithin(`${argument}[${index}]`, id, 1, MAX_ID_LENGTH));
}

/** A JSON object within bounds: it is hashed, stored and handed to a provider. */
export function settingsObject(argument: string, value: unknown): Record<string, Json> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw refused(argument, 'must be a JSON object, such as {"style": "watercolour"}');
  }
  // Depth first: serializing recurses.
  if (isDeeperThan(value, SETTINGS_DEPTH)) {
    throw refused(argument, `must be nested at most ${SETTINGS_DEPTH} levels deep`);
  }
  const json = JSON.stringify(value);
  if (Buffer.byteLength(json) > SETTINGS_BYTES) {
    throw refused(argument, `must be at most ${SETTINGS_BYTES / 1024} KiB of JSON`);
  }
  // Read back: literals in a document come as objects without a prototype.
  return JSON.parse(json) as Record<string, Json>;
}

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((member) => isDeeperThan(member, levels - 1));
}

function refused(argument: string, rule: string): Fault {
  return new Fault('BAD_USER_INPUT', `\`${argument}\` ${rule}.`);
}

/** Half a surrogate pair would be stored as another character, and two such texts as one. */
function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

function grouped(value: number): string {
  return value.toLocaleString('en-US');
}
