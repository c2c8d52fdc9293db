import type { App } from '../app.js';
import { OPERATOR_SCOPE, type Viewer } from '../auth.js';
import { Fault } from '../domain/fault.js';
import type { LedgerEntry } from '../domain/generation.js';

/** What resolvers stand on, made for each request. */
export interface Context {
  app: App;
  /** Null: no token was sent. */
  viewer: Viewer | null;
  /** A link to a delivered file that can be opened without a token, for a while. */
  outputUrl(key: string): string;
  /** The ledger's lines of one generation. All asked for in the same turn are read by one call. */
  entriesOf(account: string, generationId: string): Promise<LedgerEntry[]>;
}

export function makeContext(from: Pick<Context, 'app' | 'viewer' | 'outputUrl'>): Context {
  return { ...from, entriesOf: batchEntries(from.app) };
}

/** The account of the token. Throws UNAUTHENTICATED when there is none. */
export function accountOf({ viewer }: Context): string {
  return viewerOf(viewer).account;
}

/** The token's subject, if it may act on any account. Throws FORBIDDEN when it may not. */
export function operatorOf({ viewer }: Context): string {
  const { account, operator } = viewerOf(viewer);
  if (operator) return account;
  throw new Fault(
    'FORBIDDEN',
    `This is for operators. Send a token with the scope ${OPERATOR_SCOPE}.`,
  );
}

function viewerOf(viewer: Viewer | null): Viewer {
  if (viewer) return viewer;
  throw new Fault(
    'UNAUTHENTICATED',
    'This needs an account. Send Authorization: Bearer <token> (over WebSocket: connectionParams.authorization).',
  );
}

interface Batch {
  ids: Set<string>;
  rows: Promise<Map<string, LedgerEntry[]>>;
}

/**
 * A page of generations asks for its entries one by one in the same turn of the event loop; they go out as one call per
 * account. Nothing is kept afterwards, so a long subscription always reads what stands.
 */
function batchEntries(app: App): Context['entriesOf'] {
  const waiting = new Map<string, Batch>();

  function open(account: string): Batch {
    const ids = new Set<string>();
    const rows = new Promise((resolve) => setImmediate(resolve)).then(async () => {
      waiting.delete(account);
      return bySubject(await app.entries(account, [...ids]));
    });
    const batch = { ids, rows };
    waiting.set(account, batch);
    return batch;
  }

  return async (account, generationId) => {
    const batch = waiting.get(account) ?? open(account);
    batch.ids.add(generationId);
    return (await batch.rows).get(generationId) ?? [];
  };
}

function bySubject(entries: readonly LedgerEntry[]): Map<string, LedgerEntry[]> {
  const found = new Map<string, LedgerEntry[]>();
  for (const entry of entries) {
    const lines = found.get(entry.subject);
    if (lines) lines.push(entry);
    else found.set(entry.subject, [entry]);
  }
  return found;
}
