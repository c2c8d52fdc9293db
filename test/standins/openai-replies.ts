import type { ServerResponse } from 'node:http';
import sharp from 'sharp';

/** What the stand-in does with one call. */
export type Reply =
  /** Pictures; `count` when other than asked for, `blocked` adds items without a picture, `format` as sharp names it. */
  | {
      kind: 'images';
      as?: 'b64' | 'url';
      count?: number;
      blocked?: number;
      format?: 'png' | 'jpeg' | 'webp';
    }
  /** A tenth of a second of a WAV. */
  | { kind: 'sound' }
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
  /** Announces a body of 1,000 bytes and breaks the connection in its middle. */
  | { kind: 'cut' }
  /** Never answers; or sends the head and a little of the body, and then nothing. */
  | { kind: 'stall'; after: 'nothing' | 'head' }
  /** A body without end. */
  | { kind: 'flood' };

export interface Addressee {
  response: ServerResponse;
  /** Of the stand-in, for answers that point at files. */
  origin: string;
  onFlood: (bytes: number) => void;
}

const JSON_TYPE = { 'content-type': 'application/json' };

/** Sends `reply`; `asked` is the number of outputs the call wants. */
export async function send(to: Addressee, reply: Reply, asked: number): Promise<void> {
  const { response } = to;
  const json = (status: number, body: unknown, headers: Record<string, string> = {}): void => {
    response.writeHead(status, { ...JSON_TYPE, ...headers });
    response.end(JSON.stringify(body));
  };
  switch (reply.kind) {
    case 'images':
      json(200, { created: 1_700_000_000, data: await itemsOf(reply, asked, to.origin) });
      return;
    case 'items':
      json(200, { created: 1_700_000_000, data: reply.items });
      return;
    case 'sound':
      response.writeHead(200, { 'content-type': 'audio/wav' });
      response.end(soundOf());
      return;
    case 'error': {
      const { code = null, type = 'invalid_request_error', message = 'no' } = reply;
      json(reply.status, { error: { code, type, message, param: null } }, reply.headers);
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
    case 'cut':
      response.writeHead(200, { ...JSON_TYPE, 'content-length': '1000' });
      response.write('{"data":[', () => response.socket?.destroy());
      return;
    case 'stall':
      if (reply.after === 'head') {
        response.writeHead(200, JSON_TYPE);
        response.write('{"data":[');
      }
      return;
    case 'flood':
      response.writeHead(200, JSON_TYPE);
      flood(to);
  }
}

async function itemsOf(
  { as = 'b64', format = 'png', count, blocked = 0 }: Extract<Reply, { kind: 'images' }>,
  asked: number,
  origin: string,
): Promise<unknown[]> {
  const items = Array.from({ length: count ?? asked }, async (_, index) =>
    as === 'url'
      ? { url: `${origin}/files/${index}` }
      : { b64_json: (await pictureOf(index, format)).toString('base64') },
  );
  const heldBack = Array.from({ length: blocked }, () => ({ b64_json: null }));
  return [...(await Promise.all(items)), ...heldBack];
}

const FLOOD_CHUNK = Buffer.alloc(2 ** 20, ' ');

function flood(to: Addressee): void {
  const { response, onFlood } = to;
  if (response.destroyed) return;
  onFlood(FLOOD_CHUNK.length);
  if (response.write(FLOOD_CHUNK)) setImmediate(flood, to);
  else response.once('drain', flood.bind(null, to));
}

/** A picture of 96 × 64; `index` gives its colour. */
export function pictureOf(index: number, format: 'png' | 'jpeg' | 'webp'): Promise<Buffer> {
  const background = { r: 40 + index * 25, g: 120, b: 200 };
  return sharp({ create: { width: 96, height: 64, channels: 3, background } })
    .toFormat(format)
    .toBuffer();
}

const RATE = 8_000;

/** PCM, 16 bits, one channel: 440 Hz. */
export function soundOf(): Buffer {
  const samples = Buffer.alloc(RATE / 5);
  for (let at = 0; at < samples.length / 2; at += 1) {
    samples.writeInt16LE(Math.round(8_000 * Math.sin((at * 2 * Math.PI * 440) / RATE)), at * 2);
  }
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + samples.length, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(RATE, 24);
  head.writeUInt32LE(RATE * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(samples.length, 40);
  return Buffer.concat([head, samples]);
}
