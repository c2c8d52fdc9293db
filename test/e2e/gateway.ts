import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type Client } from 'graphql-ws';
import WebSocket from 'ws';
import { systemClock } from '../../src/clock.js';
import { parseEnv } from '../../src/env.js';
import { mintToken } from '../../src/keys.js';
import { start } from '../../src/start.js';
import { freshMysqlUrl, startRedis } from '../engines/index.js';
import { eventually } from '../world/eventually.js';
import { silentLog } from '../world/log.js';
import type { Mode } from '../world/world.js';

/** A whole gateway on a loopback port, as its users meet it. */
export interface Gateway {
  url: string;
  as(account: string, options?: { operator?: boolean }): Promise<Caller>;
  stop(): Promise<void>;
}

export interface Caller {
  /** The answer's `data`; a GraphQL error rejects with its code and message. */
  ask(query: string, variables?: object): Promise<Data>;
  live(): Client;
}

/** Answers as a client without generated types sees them; tests look into them with matchers. */
export type Data = any;

const SECRET = 'the secret of this test gateway';

export async function startGateway(
  mode: Mode,
  changes: Record<string, string> = {},
): Promise<Gateway> {
  const dataDir = await mkdtemp(join(tmpdir(), 'genquota-e2e-'));
  const redis = mode === 'service' ? await startRedis() : null;
  const env = parseEnv({
    ...(redis && { REDIS_URL: redis.url, MYSQL_URL: await freshMysqlUrl(), DEFAULT_PLAN: 'core' }),
    DATA_DIR: dataDir,
    PORT: '0',
    AUTH_SECRET: SECRET,
    DRAIN: '1s',
    ...changes,
  });
  const running = await start(env, silentLog, systemClock);
  const clients: Client[] = [];

  return {
    url: running.url,
    async as(account, { operator = false } = {}) {
      const secret = new TextEncoder().encode(SECRET);
      const minting = { secret, account, operator, expiresInMs: 600_000, clock: systemClock };
      const { token } = await mintToken({ ...minting, issuer: null, audience: null });
      return {
        ask: (query, variables) => ask(running.url, token, query, variables),
        live() {
          const client = createClient({
            url: `${running.url.replace('http', 'ws')}/graphql`,
            webSocketImpl: WebSocket,
            connectionParams: { authorization: `Bearer ${token}` },
          });
          clients.push(client);
          return client;
        },
      };
    },
    async stop() {
      for (const client of clients) void client.dispose();
      await running.stop();
      await redis?.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function ask(url: string, token: string, query: string, variables = {}): Promise<Data> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as Data;
  if (!errors) return data;
  const [{ message, extensions }] = errors;
  throw Object.assign(new Error(message as string), extensions);
}

/** Input of one press. */
export function input(changes: object = {}) {
  return {
    requestId: randomUUID(),
    action: 'image.generate',
    prompt: 'a quiet harbour',
    ...changes,
  };
}

export const GENERATE = `mutation ($input: GenerateInput!) {
  generate(input: $input) {
    __typename
    ... on GenerationAccepted { replayed generation { id status charge { status units } } quota { remaining used } }
    ... on QuotaExhausted { message resetsAt quota { remaining } upgrades { id limit } }
  }
}`;

export const GENERATION = `query ($id: ID!) {
  generation(id: $id) {
    id status prompt createdAt finishedAt restoreBy
    failure { code message retryable }
    charge { status units rule entries { kind units reason } }
    outputs { id url contentType bytes width height }
  }
}`;

export const QUOTA = `{ quota { plan { id } unlimited limit remaining used held granted periodStart resetsAt revision pendingPlan { plan { id } at } } }`;

/** Presses the button and waits until the generation has ended. */
export async function ended(caller: Caller, changes: object = {}): Promise<Data> {
  const { generate } = await caller.ask(GENERATE, { input: input(changes) });
  return eventually(async () => {
    const { generation } = await caller.ask(GENERATION, { id: generate.generation.id });
    expect(generation.finishedAt).not.toBeNull();
    return generation;
  });
}
