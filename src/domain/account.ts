// Control characters, lone surrogates and line separators would only ever disguise one account as another.
const ACCOUNT = /^[^\p{C}\p{Zl}\p{Zp}]{1,128}$/u;

/**
 * Whether this can be an account: 1 to 128 printable characters. A token's `sub` may be anything that JSON can say; a
 * number or an array must not get through, which a database would compare with every account in its own way.
 */
export function isAccount(value: unknown): value is string {
  return typeof value === 'string' && ACCOUNT.test(value);
}
