import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import sharp from 'sharp';
import { Webhook } from 'standardwebhooks';
import { send, type Reply } from './http-replies.js';

export const KEY = 'key-of-the-gateway';
export const CALLBACK_SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

/** What becomes of the jobs created from now on. */
export interface Script {
  /** `never`: until a test ends it. */
  end: 'succeeded' | 'failed' | 'blocked' | 'cancelled' | 'never';
  /** How many looks see it before its end. */
  looks: number;
  /** Outputs made; those asked for, when absent. */
  outputs?: number;
  error?: unknown;
}

export interface Work {
  script: Script;
  request: Record<string, unknown>;
  state: Record<string, unknown> & { id: string; status: string };
  looks: number;
}

export interface Seen {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: Record<string, unknown>;
  at: number;
}

/** An answer of the protocol on its way out. */
export interface Sent {
  status: number;
  headers: Record<string, string>;
  json: unknown;
}

export interface HttpStandIn {
  url: string;
  /** Every request so far, in order; `asked('POST /jobs')` those that begin so. */
  asked(start: string): Seen[];
  script(changes: Partial<Script>): void;
  /** Answers of the next requests that begin so, whatever the protocol would say. */
  next(start: string, ...replies: Reply[]): void;
  /** The answer of all requests that begin so; null: the protocol's again. */
  always(start: string, reply: Reply | null): void;
  /** Jobs made so far: no id twice. */
  jobs: Map<string, Work>;
  /** Moves a job on, to its success unless told otherwise, and calls back about it. */
  move(id: string, status?: string, changes?: object): Promise<void>;
  /** Bytes of endless bodies sent so far. */
  flooded(): number;
  dispose(): Promise<void>;
}

export interface HttpStandInOptions {
  /** Changes an answer of the protocol before it is sent: how a provider gets it wrong. */
  bend?: (seen: Seen, sent: Sent, jobs: Map<string, Work>) => Sent;
  /** Calls back when a job ends; null: it does not. */
  callbackSecret?: string | null;
  /** Does not look at the key. */
  anyKey?: boolean;
}

/** An HTTP server that speaks the asynchronous provider protocol on a free loopback port, and misbehaves when told to. */
export async function startHttpProvider(options: HttpStandInOptions = {}): Promise<HttpStandIn> {
  const { callbackSecret = CALLBACK_SECRET } = options;
  const bend = options.bend ?? ((_: Seen, sent: Sent) => sent);
  const seen: Seen[] = [];
  const queued: { start: string; reply: Reply }[] = [];
  const standing = new Map<string, Reply>();
  const jobs: HttpStandIn['jobs'] = new Map();
  let script: Script = { end: 'succeeded', looks: 2 };
  let flooded = 0;

  const server = createServer((request, response) => {
    void serve(request, response).catch(() => response.destroy());
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: path = '', headers } = request;
    const text = (await buffer(request)).toString('utf8');
    const one: Seen = { method, path, headers, body: parsed(text) ?? {}, at: Date.now() };
    seen.push(one);
    const forced = forcedReply(`${method} ${path}`);
    if (forced) {
      send(response, forced, (bytes) => (flooded += bytes));
      return;
    }
    if (path.startsWith('/files/')) {
      response.writeHead(200, { 'content-type': 'image/png' }).end(await picture(path));
      return;
    }
    const sent = bend(one, answerTo(one, text), jobs);
    response.writeHead(sent.status, { 'content-type': 'application/json', ...sent.headers });
    response.end(sent.status === 204 ? undefined : JSON.stringify(sent.json));
  }

  function forcedReply(line: string): Reply | undefined {
    const index = queued.findIndex(({ start }) => line.startsWith(start));
    if (index >= 0) return queued.splice(index, 1)[0]?.reply;
    return [...standing].find(([start]) => line.startsWith(start))?.[1];
  }

  function answerTo({ method, path, headers, body }: Seen, text: string): Sent {
    const trusted = options.anyKey ?? headers.authorization === `Bearer ${KEY}`;
    if (!trusted) return problem(401, 'wrong key');
    if (method === 'POST' && path === '/jobs') return create(body, text);
    const work = jobs.get(/^\/jobs\/([\w-]+)$/.exec(path)?.[1] ?? '');
    if (!work) return problem(404, 'no such job');
    if (method === 'DELETE') {
      if (isOpen(work)) work.state.status = 'cancelled';
      return { status: 204, headers: {}, json: null };
    }
    look(work);
    return { status: 200, headers: {}, json: work.state };
  }

  function create(body: Seen['body'], text: string): Sent {
    if (typeof body.id !== 'string' || typeof body.outputCount !== 'number') {
      return problem(400, `not a job: ${text.slice(0, 20)}`);
    }
    let work = jobs.get(body.id);
    const status = work ? 200 : 201;
    work ??= { script, request: body, state: { id: body.id, status: 'queued' }, looks: 0 };
    jobs.set(body.id, work);
    return { status, headers: {}, json: work.state };
  }

  function look(work: Work): void {
    if (!isOpen(work)) return;
    const { end: status, looks } = work.script;
    work.looks += 1;
    if (status === 'never') work.state.status = 'running';
    else if (work.looks < looks) {
      Object.assign(work.state, { status: 'running', progress: work.looks / looks });
    } else void move(work.state.id, status);
  }

  async function move(id: string, status = 'succeeded', changes: object = {}): Promise<void> {
    const work = jobs.get(id);
    if (!work) throw new Error(`there is no job ${id}`);
    const { outputs = Number(work.request.outputCount), error } = work.script;
    Object.assign(work.state, { status, progress: 1 });
    if (error !== undefined) work.state.error = error;
    if (status === 'succeeded') {
      const urls = Array.from({ length: outputs }, (_, index) => `/files/${id}/${index}.png`);
      work.state.outputs = urls.map((path) => ({ url: new URL(path, urlOf(server)).href }));
    }
    Object.assign(work.state, changes);
    const to = work.request.callbackUrl;
    if (typeof to === 'string' && callbackSecret) await callBack(to, work.state, callbackSecret);
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: urlOf(server),
    asked: (start) => seen.filter(({ method, path }) => `${method} ${path}`.startsWith(start)),
    script(changes) {
      script = { ...script, ...changes };
    },
    next: (start, ...replies) => void queued.push(...replies.map((reply) => ({ start, reply }))),
    always(start, reply) {
      if (reply) standing.set(start, reply);
      else standing.delete(start);
    },
    jobs,
    move,
    flooded: () => flooded,
    dispose: () => closed(server),
  };
}

/** The headers of a signed callback. */
export function signed(
  body: string,
  secret: string = CALLBACK_SECRET,
  at: Date = new Date(),
): Record<string, string> {
  const id = `msg_${randomUUID()}`;
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign(id, at, body),
  };
}

async function callBack(url: string, state: object, secret: string): Promise<void> {
  const body = JSON.stringify(state);
  const headers = { 'content-type': 'application/json', ...signed(body, secret) };
  // Whoever is called may be gone by now.
  await fetch(url, { method: 'POST', headers, body }).catch(() => null);
}

function isOpen({ state }: Work): boolean {
  return state.status === 'queued' || state.status === 'running';
}

function problem(status: number, message: string): Sent {
  return { status, headers: {}, json: { error: { message } } };
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return null;
  }
}

/** 96 × 64; the path gives its colour. */
function picture(path: string): Promise<Buffer> {
  const background = { r: (path.length * 37) % 256, g: path.charCodeAt(path.length - 5), b: 200 };
  return sharp({ create: { width: 96, height: 64, channels: 3, background } })
    .png()
    .toBuffer();
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
