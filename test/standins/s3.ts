import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isSigned } from './s3-signature.js';

export const S3_KEYS = {
  accessKeyId: 'AKIATESTTESTTEST',
  secretAccessKey: 'a secret for tests',
  sessionToken: null,
};
const BUCKET = 'outputs';

/** What the stand-in does instead of answering the next request. */
export type Mishap =
  | { kind: 'refuse'; status: number; code: string }
  /** Answers, or begins to, and then nothing comes any more. */
  | { kind: 'stall'; after: 'nothing' | 'head' }
  /** Sends half of a body, or reads some of one, and breaks the connection. */
  | { kind: 'cut' }
  /** Answers a range with the whole file. */
  | { kind: 'no-ranges' };

interface StoredObject {
  bytes: Buffer;
  contentType: string | undefined;
}

export interface S3StandIn {
  /** As OUTPUTS_URL, with a prefix. */
  url: string;
  /** Method and path of each request so far, in order. */
  requests: { method: string; path: string; headers: IncomingMessage['headers'] }[];
  /** By key, prefix included. */
  objects: Map<string, StoredObject>;
  /** What happens to the next requests, in order. */
  next(...mishaps: Mishap[]): void;
  dispose(): Promise<void>;
}

/** A bucket behind S3's protocol on a free loopback port. It refuses what is not signed right, or damaged on the way. */
export async function startS3StandIn(): Promise<S3StandIn> {
  const objects: S3StandIn['objects'] = new Map();
  const requests: S3StandIn['requests'] = [];
  const mishaps: Mishap[] = [];

  const server = createServer((req, res) => {
    void serve(req, res).catch(() => res.destroy());
  });

  async function serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = req;
    const [path = ''] = url.split('?', 1);
    requests.push({ method, path, headers });
    const mishap = mishaps.shift();
    if (mishap?.kind === 'stall' && mishap.after === 'nothing') return;
    if (mishap?.kind === 'cut' && method === 'PUT') {
      req.once('data', () => req.socket.resetAndDestroy());
      return;
    }
    const body = await bytesOf(req);
    if (mishap?.kind === 'refuse') {
      refuse(res, mishap.status, mishap.code);
      return;
    }
    const digest = headers['x-amz-checksum-sha256'];
    if (!isSigned(req, body, S3_KEYS)) refuse(res, 403, 'SignatureDoesNotMatch');
    else if (digest !== undefined && digest !== sha256Of(body)) refuse(res, 400, 'BadDigest');
    else if (!path.startsWith(`/${BUCKET}/`)) refuse(res, 404, 'NoSuchBucket');
    else answer(req, res, path.slice(BUCKET.length + 2), body, mishap);
  }

  function answer(
    req: IncomingMessage,
    res: ServerResponse,
    key: string,
    body: Buffer,
    mishap: Mishap | undefined,
  ): void {
    const { method = '', headers } = req;
    if (method === 'DELETE') {
      objects.delete(key);
      res.writeHead(204).end();
    } else if (method === 'PUT' && headers['x-amz-copy-source'] !== undefined) {
      const source = objects.get(String(headers['x-amz-copy-source']).slice(BUCKET.length + 2));
      if (source) objects.set(key, source);
      if (source) xml(res, 200, '<CopyObjectResult><ETag>"x"</ETag></CopyObjectResult>');
      else refuse(res, 404, 'NoSuchKey');
    } else if (method === 'PUT') {
      objects.set(key, { bytes: body, contentType: headers['content-type'] });
      res.writeHead(200, { etag: '"x"' }).end();
    } else {
      read(res, method, objects.get(key), headers.range, mishap);
    }
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `s3://${BUCKET}/made/here?endpoint=${encodeURIComponent(endpoint)}&region=eu-test-1`,
    requests,
    objects,
    next: (...more) => void mishaps.push(...more),
    dispose: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

function read(
  res: ServerResponse,
  method: string,
  object: StoredObject | undefined,
  range: string | undefined,
  mishap: Mishap | undefined,
): void {
  if (!object) {
    // The answer to HEAD has no body to say more in.
    if (method === 'HEAD') res.writeHead(404).end();
    else refuse(res, 404, 'NoSuchKey');
    return;
  }
  const { bytes, contentType = 'binary/octet-stream' } = object;
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
  const ranged = first !== undefined && mishap?.kind !== 'no-ranges';
  const part = ranged ? bytes.subarray(Number(first), Number(last) + 1) : bytes;
  res.writeHead(ranged ? 206 : 200, {
    'content-type': contentType,
    'content-length': part.length,
    'last-modified': new Date(0).toUTCString(),
    etag: '"x"',
    ...(ranged && { 'content-range': `bytes ${first}-${last}/${bytes.length}` }),
  });
  if (mishap?.kind === 'stall') res.write(part.subarray(0, 1));
  else if (mishap?.kind === 'cut') {
    res.write(part.subarray(0, part.length / 2), () => res.socket?.resetAndDestroy());
  } else res.end(method === 'HEAD' ? undefined : part);
}

function refuse(res: ServerResponse, status: number, code: string): void {
  xml(res, status, `<Error><Code>${code}</Code><Message>no</Message></Error>`);
}

function xml(res: ServerResponse, status: number, text: string): void {
  res.writeHead(status, { 'content-type': 'application/xml' });
  res.end(`<?xml version="1.0" encoding="UTF-8"?>${text}`);
}

async function bytesOf(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('base64');
}
