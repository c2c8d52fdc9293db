import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pictureOf, send } from './openai-replies.js';
import type { Reply } from './openai-replies.js';

export interface SeenRequest {
  /** `images/generations`, `images/edits` or `audio/speech`. */
  path: string;
  headers: IncomingHttpHeaders;
  /** The JSON, or the fields of a form. */
  body: Record<string, unknown>;
  /** The files of a form, in order. */
  files: SeenFile[];
  at: number;
}

export interface SeenFile {
  field: string;
  name: string;
  type: string;
  bytes: Buffer;
}

export interface OpenAiStandIn {
  /** What a client is configured with: ends in /v1. */
  url: string;
  /** Every call so far, in order. */
  requests: SeenRequest[];
  /** Files downloaded so far. */
  downloads: { path: string; headers: IncomingHttpHeaders }[];
  /** Bytes of endless bodies sent so far. */
  flooded(): number;
  /** Answers of the next calls, in order. */
  next(...replies: Reply[]): void;
  /** The answer of every call for which none was queued; pictures, or a sound, until told otherwise. */
  otherwise(reply: Reply): void;
  /** The answer of the next download; a picture when none is queued. */
  nextDownload(...replies: Reply[]): void;
  dispose(): Promise<void>;
}

const PATHS = ['images/generations', 'images/edits', 'audio/speech'];

/** An HTTP server that speaks OpenAI's API for pictures and speech on a free loopback port, and misbehaves when told to. */
export async function startOpenAiStandIn(): Promise<OpenAiStandIn> {
  const queue: Reply[] = [];
  const downloadQueue: Reply[] = [];
  const requests: SeenRequest[] = [];
  const downloads: OpenAiStandIn['downloads'] = [];
  let fallback: Reply | null = null;
  let flooded = 0;
  const onFlood = (bytes: number): void => {
    flooded += bytes;
  };

  const server = createServer((request, response) => {
    void serve(request, response).catch(() => response.destroy());
  });
  const origin = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = request.url ?? '/';
    const to = { response, origin: origin(), onFlood };
    if (request.method === 'GET' && url.startsWith('/files/')) {
      downloads.push({ path: url, headers: request.headers });
      const index = Number(url.split('/').at(-1));
      const picture: Reply = { kind: 'raw', body: await pictureOf(index, 'png') };
      await send(to, downloadQueue.shift() ?? picture, 1);
      return;
    }
    const path = url.replace('/v1/', '');
    if (request.method !== 'POST' || !PATHS.includes(path)) {
      await send(to, { kind: 'error', status: 404, message: `no ${url}` }, 1);
      return;
    }
    const { headers } = request;
    const seen = { path, headers, ...(await contentOf(request)), at: Date.now() };
    requests.push(seen);
    const good: Reply = path === 'audio/speech' ? { kind: 'sound' } : { kind: 'images' };
    await send(to, queue.shift() ?? fallback ?? good, Number(seen.body.n ?? 1));
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

async function contentOf(request: IncomingMessage): Promise<Pick<SeenRequest, 'body' | 'files'>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const whole = Buffer.concat(chunks);
  const type = request.headers['content-type'] ?? '';
  if (!type.startsWith('multipart/form-data')) {
    return { body: JSON.parse(whole.toString('utf8')) as Record<string, unknown>, files: [] };
  }
  return formOf(whole, type.split('boundary=')[1] ?? '');
}

/** Reads a form by the letter of RFC 7578, so that tests do not trust the library that wrote it. */
function formOf(whole: Buffer, boundary: string): Pick<SeenRequest, 'body' | 'files'> {
  const body: Record<string, unknown> = {};
  const files: SeenFile[] = [];
  const limit = `--${boundary}`;
  let at = whole.indexOf(limit) + limit.length;
  while (whole.toString('latin1', at, at + 2) === '\r\n') {
    const headEnd = whole.indexOf('\r\n\r\n', at);
    const end = whole.indexOf(`\r\n${limit}`, headEnd);
    if (headEnd < 0 || end < 0) throw new Error('a form without its end');
    const head = whole.toString('utf8', at, headEnd);
    const bytes = whole.subarray(headEnd + 4, end);
    const [, field = ''] = /^content-disposition: form-data; name="([^"]*)"/im.exec(head) ?? [];
    const [, name] = /; filename="([^"]*)"/i.exec(head) ?? [];
    const [, type = ''] = /^content-type: (\S+)/im.exec(head) ?? [];
    if (name === undefined) body[field] = bytes.toString('utf8');
    else files.push({ field, name, type, bytes });
    at = end + 2 + limit.length;
  }
  if (whole.toString('latin1', at, at + 2) !== '--') throw new Error('a form without its end');
  return { body, files };
}
