import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import sharp from 'sharp';

/** What the stand-in does with one call of `POST /v1/images/generations`. */
export type Reply =
  /** Pictures; `count` when other than asked for, `blocked` adds items without a picture, `format` as sharp names it. */
  | {
      kind: 'images';
      as?: 'b64' | 'url';
      count?: number;
      blocked?: number;
      format?: 'png' | 'jpeg' | 'webp';
    }
  | {
      kind: 'error';
      status: number;
      code?: string;
      type?: string;
      message?: string;
      headers?: Record<string, string>;
    }
  | {
      kind: 'raw';
      status?: number;
      contentType?: string;
      body: string | Buffer;
      headers?: Record<string, string>;
    }
  /** Items that all hold this instead of a picture. */
  | { kind: 'items'; items: unknown }
  /** Breaks the connection without an answer. */
  | { kind: 'reset' }
  /** Never answers; or sends the head and a little of the body, and then nothing. */
  | { kind: 'stall'; after: 'nothing' | 'head' }
  /** A body without end. */
  | { kind: 'flood' };

interface SeenRequest {
  headers: IncomingHttpHeaders;
  body: Record<string, unknown>;
  at: number;
}

export interface OpenAiStandIn {
  /** What a client is configured with: ends in /v1. */
  url: string;
  /** Every call so far, in order. */
  requests: SeenRequest[];
  /** Paths of pictures downloaded so far. */
  downloads: { path: string; headers: IncomingHttpHeaders }[];
  /** Bytes of endless bodies sent so far. */
  flooded(): number;
  /** Answers of the next calls, in order. */
  next(...replies: Reply[]): void;
  /** The answer of every call for which none was queued; pictures until told otherwise. */
  otherwise(reply: Reply): void;
  /** The answer of the next download; a picture when none is queued. */
  nextDownload(...replies: Reply[]): void;
  dispose(): Promise<void>;
}

/** An HTTP server that speaks OpenAI's images API on a free loopback port, and misbehaves when told to. */
export async function startOpenAiStandIn(): Promise<OpenAiStandIn> {
  const queue: Reply[] = [];
  const downloadQueue: Reply[] = [];
  const requests: SeenRequest[] = [];
  const downloads: OpenAiStandIn['downloads'] = [];
  let fallback: Reply = { kind: 'images' };
  let flooded = 0;
  const onFlood = (bytes: number): void => {
    flooded += bytes;
  };

  const server = createServer((request, response) => {
    void serve(request, response).catch(() => response.destroy());
  });
  const origin = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '/';
    if (request.method === 'GET' && path.startsWith('/files/')) {
      downloads.push({ path, headers: request.headers });
      const index = Number(path.split('/').at(-1));
      const picture: Reply = { kind: 'raw', body: await pictureOf(index, 'png') };
      await send(response, downloadQueue.shift() ?? picture, 1, origin(), onFlood);
      return;
    }
    if (request.method !== 'POST' || path !== '/v1/images/generations') {
      await send(
        response,
        { kind: 'error', status: 404, message: `no ${path}` },
        1,
        origin(),
        onFlood,
      );
      return;
    }
    const body = JSON.parse(await textOf(request)) as Record<string, unknown>;
    requests.push({ headers: request.headers, body, at: Date.now() });
    await send(response, queue.shift() ?? fallback, Number(body.n ?? 1), origin(), onFlood);
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `${origin()}/v1`,
    requests,
    downloads,
    flooded: () => flooded,
    next: (...replies) => void queue.push(...replies),
    otherwise: (reply) => {
      fallback = reply;
    },
    nextDownload: (...replies) => void downloadQueue.push(...replies),
    dispose: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

async function send(
  response: ServerResponse,
  reply: Reply,
  asked: number,
  origin: string,
  onFlood: (bytes: number) => void,
): Promise<void> {
  const json = (status: number, body: unknown, headers: Record<string, string> = {}): void => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
  switch (reply.kind) {
    case 'images': {
      const { as = 'b64', format = 'png' } = reply;
      const items = Array.from({ length: reply.count ?? asked }, async (_, index) =>
        as === 'url'
          ? { url: `${origin}/files/${index}` }
          : { b64_json: (await pictureOf(index, format)).toString('base64') },
      );
      const blocked = Array.from({ length: reply.blocked ?? 0 }, () => ({ b64_json: null }));
      json(200, { created: 1_700_000_000, data: [...(await Promise.all(items)), ...blocked] });
      return;
    }
    case 'items':
      json(200, { created: 1_700_000_000, data: reply.items });
      return;
    case 'error': {
      const {
        status,
        code = null,
        type = 'invalid_request_error',
        message = 'no',
        headers,
      } = reply;
      json(status, { error: { code, type, message, param: null } }, headers);
      return;
    }
    case 'raw':
      response.writeHead(reply.status ?? 200, {
        'content-type': reply.contentType ?? 'application/octet-stream',
        ...reply.headers,
      });
      response.end(reply.body);
      return;
    case 'reset':
      response.socket?.resetAndDestroy();
      return;
    case 'stall':
      if (reply.after === 'head') {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.write('{"data":[');
      }
      return;
    case 'flood':
      response.writeHead(200, { 'content-type': 'application/json' });
      flood(response, onFlood);
  }
}

const FLOOD_CHUNK = Buffer.alloc(2 ** 20, ' ');

function flood(response: ServerResponse, onFlood: (bytes: number) => void): void {
  if (response.destroyed) return;
  onFlood(FLOOD_CHUNK.length);
  if (response.write(FLOOD_CHUNK)) setImmediate(flood, response, onFlood);
  else response.once('drain', flood.bind(null, response, onFlood));
}

/** A picture of 96 × 64; `index` gives its colour. */
function pictureOf(index: number, format: 'png' | 'jpeg' | 'webp'): Promise<Buffer> {
  const background = { r: 40 + index * 25, g: 120, b: 200 };
  return sharp({ create: { width: 96, height: 64, channels: 3, background } })
    .toFormat(format)
    .toBuffer();
}
