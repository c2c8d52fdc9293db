import type { ServerResponse } from 'node:http';

/** How a server misbehaves with one request. */
export type Reply =
  | { kind: 'raw'; status?: number; headers?: Record<string, string>; body?: string | Buffer }
  /** Breaks the connection without an answer. */
  | { kind: 'reset' }
  /** Never answers; or sends the head and a little of the body, and then nothing. */
  | { kind: 'stall'; after: 'nothing' | 'head' }
  /** Sends the head and a little of the body, and breaks the connection. */
  | { kind: 'cut' }
  /** A body without end. */
  | { kind: 'flood' };

/** An answer of that status; with words, they are in the protocol's form. */
export function status(
  code: number,
  headers: Record<string, string> = {},
  message?: unknown,
): Reply {
  return { kind: 'raw', status: code, headers, body: JSON.stringify({ error: { message } }) };
}

/** A successful answer of this JSON, or of this very text. */
export function answer(body: unknown, headers: Record<string, string> = {}): Reply {
  return { kind: 'raw', headers, body: typeof body === 'string' ? body : JSON.stringify(body) };
}

export function send(
  response: ServerResponse,
  reply: Reply,
  onFlood: (bytes: number) => void,
): void {
  switch (reply.kind) {
    case 'raw':
      response.writeHead(reply.status ?? 200, reply.headers).end(reply.body);
      return;
    case 'reset':
      response.socket?.resetAndDestroy();
      return;
    case 'stall':
      if (reply.after === 'head') response.writeHead(200).write('{"id":');
      return;
    case 'cut':
      response.writeHead(200, { 'content-length': '1000000' });
      response.write(Buffer.alloc(1000), () => response.socket?.resetAndDestroy());
      return;
    case 'flood':
      response.writeHead(200);
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
