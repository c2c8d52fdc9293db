// Control characters, lone surrogates and line separators would only ever disguise one account as another.
const ACCOUNT = /^[^\p{C}\p{Zl}\p{Zp}]{1,128}$/u;

/** Whether this can be an account: 1 to 128 printable characters, as a token's `sub` carries it. */
export function isAccount(text: string): boolean {
  return ACCOUNT.test(text);
}
