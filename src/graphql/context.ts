import DataLoader from 'dataloader';
import type { App } from '../app.js';
import { OPERATOR_SCOPE, type Viewer } from '../auth.js';
import { Fault } from '../domain/fault.js';
import type { Generation, LedgerEntry } from '../domain/generation.js';

/** What resolvers stand on, made for each request. */
export interface Context {
  app: App;
  /** Null: no token was sent. */
  viewer: Viewer | null;
  links: FileLinks;
  /** The ledger's lines of one generation. All asked for in the same turn are read by one call. */
  entriesOf(account: string, generationId: string): Promise<LedgerEntry[]>;
  /** One generation of the account, null when there is none; read together as `entriesOf`. */
  generationOf(account: string, id: string): Promise<Generation | null>;
}

/** Links that open one thing without a token, for a while. */
export interface FileLinks {
  file(file: { key: string; name: string; download: boolean }): string;
  /** Where to send the file that the generation waits for, until `expiresAt`. */
  upload(generationId: string, expiresAt: number): string;
  /** Where the account's archive is, for a quarter of an hour. */
  export(account: string): { url: string; expiresAt: number };
}

export function makeContext(from: Pick<Context, 'app' | 'viewer' | 'links'>): Context {
  const { app } = from;
  const entries = batched(async (account, ids) => {
    const lines = await app.entries(account, ids);
    return ids.map((id) => lines.filter(({ subject }) => subject === id));
  });
  const generations = batched(async (account, ids) => {
    const found = await app.generationsById(account, ids);
    return ids.map((id) => found.find((generation) => generation.id === id) ?? null);
  });
  return { ...from, entriesOf: entries, generationOf: generations };
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

type Read<T> = (account: string, ids: readonly string[]) => Promise<T[]>;

/**
 * A page of generations asks for its parts one by one in the same turn of the event loop; they are read by one call per
 * account. Nothing is kept afterwards, so a long subscription always reads what stands.
 */
function batched<T>(read: Read<T>): (account: string, id: string) => Promise<T> {
  const loaders = new Map<string, DataLoader<string, T>>();
  return (account, id) => {
    const loader =
      loaders.get(account) ??
      new DataLoader<string, T>((ids) => read(account, ids), {
        cache: false,
        batchScheduleFn: setImmediate,
      });
    loaders.set(account, loader);
    return loader.load(id);
  };
}
