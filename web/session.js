// The bearer token: in this tab only, never in localStorage, never left in the address bar.
const KEY = 'genquota.token';
const PENDING = 'genquota.pending';

/** Takes a token out of `#token=…` once, so that it reaches neither the history nor a copied address. True: there was one. */
export function adoptTokenFromAddress() {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token === null) return false;
  history.replaceState(null, '', location.pathname + location.search);
  keepToken(token);
  return true;
}

export function token() {
  return sessionStorage.getItem(KEY);
}

export function keepToken(value) {
  sessionStorage.setItem(KEY, value.trim().replace(/^bearer\s+/i, ''));
}

export function forgetToken() {
  sessionStorage.removeItem(KEY);
  sessionStorage.removeItem(PENDING);
}

/** The press whose answer is not known yet: it survives a reload, and is finished under the same request id. */
export function pendingPress() {
  return JSON.parse(sessionStorage.getItem(PENDING) ?? 'null');
}

export function keepPending(input) {
  sessionStorage.setItem(PENDING, JSON.stringify(input));
}

export function forgetPending() {
  sessionStorage.removeItem(PENDING);
}
