import { Registry } from 'prom-client';
import type { App } from '../../src/app.js';
import type { Viewer } from '../../src/auth.js';
import { Fault } from '../../src/domain/fault.js';
import type { Generation, LedgerEntry } from '../../src/domain/generation.js';
import type { Quota } from '../../src/domain/quota.js';
import { makeLinks, type Links } from '../../src/links.js';
import { makeServer, type Server, type ServerOptions } from '../../src/server.js';
import { makeManualClock, type ManualClock } from '../world/clock.js';
import { openSocket, type Socket } from './socket.js';

export const NOW = Date.parse('2026-03-01T12:00:00Z');
const CORE = {
  id: 'core',
  name: 'Core',
  limit: 10,
  effectiveFrom: Date.parse('2026-02-25T00:00:00Z'),
};
const ULTIMATE = { ...CORE, id: 'ultimate', name: 'Ultimate', limit: null };

export function quotaWith(changes: Partial<Quota> = {}): Quota {
  return {
    plan: 'core',
    limit: 10,
    granted: 2,
    used: 3,
    held: 1,
    period: { term: 1, index: 0 },
    periodStart: Date.parse('2026-02-18T09:30:00Z'),
    periodEnd: Date.parse('2026-03-18T09:30:00Z'),
    validUntil: Date.parse('2026-03-18T09:30:00Z'),
    pending: null,
    revision: 4_294_967_301,
    ...changes,
  };
}

export function generationWith(changes: Partial<Generation> = {}): Generation {
  return {
    account: 'ada',
    id: '019587a0-0000-7000-8000-000000000001',
    requestId: 'r1',
    contentHash: 'h',
    action: 'image.generate',
    kind: 'image',
    parent: null,
    prompt: 'a fox',
    settings: { style: 'ink' },
    inputs: [],
    outputCount: 1,
    status: 'SUCCEEDED',
    charge: 'POSTED',
    units: 1,
    rule: 'rule-1',
    period: { term: 1, index: 0 },
    provider: 'sketch',
    attempt: 1,
    createdAt: NOW,
    deadlineAt: NOW + 600_000,
    finishedAt: NOW + 1_000,
    failure: null,
    outputs: [
      {
        key: 'd1g/g1/0.png',
        contentType: 'image/png',
        bytes: 5,
        sha256: 'x',
        width: 8,
        height: 9,
        durationMs: null,
        thumbnailKey: null,
      },
    ],
    progress: null,
    deletedAt: null,
    ...changes,
  };
}

export function entryWith(changes: Partial<LedgerEntry> = {}): LedgerEntry {
  return {
    account: 'ada',
    subject: generationWith().id,
    kind: 'HOLD',
    units: 1,
    reason: 'requested',
    rule: 'rule-1',
    period: { term: 1, index: 0 },
    actor: 'system',
    at: NOW,
    ...changes,
  };
}

/** A live source a test pushes into, that knows how many are listening. */
export function makeSource<T>() {
  const readers = new Set<{ queue: T[]; wake: () => void; done: boolean }>();
  return {
    get open() {
      return readers.size;
    },
    push(value: T) {
      for (const reader of readers) {
        reader.queue.push(value);
        reader.wake();
      }
    },
    watch(first: T[]): AsyncIterableIterator<T> {
      const reader = { queue: [...first], wake: (): void => undefined, done: false };
      readers.add(reader);
      return {
        [Symbol.asyncIterator]() {
          return this;
        },
        async next() {
          while (reader.queue.length === 0 && !reader.done) {
            await new Promise<void>((resolve) => (reader.wake = resolve));
          }
          return reader.done
            ? { done: true, value: undefined }
            : { done: false, value: reader.queue.shift()! };
        },
        return() {
          reader.done = true;
          readers.delete(reader);
          reader.wake();
          return Promise.resolve({ done: true, value: undefined });
        },
      };
    },
  };
}

function unexpected(): never {
  throw new Error('the test did not expect this call');
}

/** An app that answers what a test says; anything else is an unexpected error. */
export function fakeApp(changes: Partial<App> = {}): App {
  return {
    generate: unexpected,
    refine: unexpected,
    free: { crop: unexpected, enhance: unexpected, upload: unexpected },
    receiveUpload: unexpected,
    reported: unexpected,
    cancel: unexpected,
    quota: () => Promise.resolve(quotaWith()),
    watchQuota: unexpected,
    watchGenerations: unexpected,
    generation: () => Promise.resolve(null),
    generationsById: unexpected,
    generations: unexpected,
    entries: unexpected,
    deleteGeneration: unexpected,
    explainCharge: unexpected,
    usage: unexpected,
    workspaces: {
      create: unexpected,
      get: unexpected,
      list: unexpected,
      rename: unexpected,
      remove: unexpected,
      members: unexpected,
      share: unexpected,
      unshare: unexpected,
      items: unexpected,
      item: unexpected,
      save: unexpected,
      move: unexpected,
      removeItem: unexpected,
    },
    plans: () => [CORE, ULTIMATE],
    actions: () => [
      {
        ...{ id: 'image.generate', name: 'Generate an image', kind: 'image', metered: true },
        ...{ cost: 1, providers: ['sketch'] },
      },
    ],
    upgradePreview: unexpected,
    changePlan: unexpected,
    putSubscription: unexpected,
    grantGenerations: unexpected,
    restoreGeneration: unexpected,
    archive: unexpected,
    deleteAccount: unexpected,
    start: unexpected,
    drain: unexpected,
    ...changes,
  };
}

export interface Logged {
  level: string;
  facts: Record<string, unknown>;
  message: string;
}

export interface Harness {
  url: string;
  clock: ManualClock;
  links: Links;
  logged: Logged[];
  server: Server;
  /** POSTs a document as `token`; null: without one. */
  ask: (query: string, options?: { token?: string | null; variables?: object }) => Promise<Answer>;
  post: (body: string, headers?: Record<string, string>) => Promise<Response>;
  socket: (params?: object, headers?: Record<string, string>) => Promise<Socket>;
}

export interface Answer {
  status: number;
  data?: Record<string, never> | null;
  errors?: { message: string; path?: string[]; extensions: Record<string, unknown> }[];
}

/** Tokens are the account's name; with `!` after it an operator's; `late` expires in a minute. */
function authenticate(token: string): Promise<Viewer> {
  if (token === 'bad') throw new Fault('UNAUTHENTICATED', 'The token is not valid.');
  if (token === 'down') throw new Fault('UNAVAILABLE', 'The keys cannot be read.');
  const expiresAt = token === 'late' ? NOW + 60_000 : null;
  return Promise.resolve({
    account: token.replace('!', ''),
    operator: token.endsWith('!'),
    expiresAt,
  });
}

const started: Server[] = [];

/** Disposes of every server of this file; for `afterEach`. */
export async function stopAll(): Promise<void> {
  await Promise.all(started.splice(0).map((server) => server.dispose(1_000)));
}

export async function serve(app: App, changes: Partial<ServerOptions> = {}): Promise<Harness> {
  const clock = makeManualClock(NOW);
  const logged: Logged[] = [];
  const note = (level: string) => (facts: object, message: string) => {
    logged.push({ level, facts: { ...facts }, message });
  };
  const links = makeLinks({ key: Buffer.from('a key for tests'), clock });
  const server = makeServer({
    app,
    authenticate,
    assets: { open: unexpected, size: unexpected },
    links,
    pages: { handle: () => false },
    ready: () => Promise.resolve(),
    clock,
    log: { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') },
    publicUrl: null,
    introspection: true,
    registry: new Registry(),
    ...changes,
  });
  started.push(server);
  const { url } = await server.listen(0, '127.0.0.1');
  const post: Harness['post'] = (body, headers = {}) =>
    fetch(`${url}/graphql`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers },
    });
  return {
    url,
    clock,
    links,
    logged,
    server,
    post,
    async ask(query, { token = 'ada', variables } = {}) {
      const headers: Record<string, string> =
        token === null ? {} : { authorization: `Bearer ${token}` };
      const response = await post(JSON.stringify({ query, variables }), headers);
      return { status: response.status, ...((await response.json()) as object) };
    },
    socket: (params = { authorization: 'Bearer ada' }, headers = {}) =>
      openSocket(url, params, headers),
  };
}
