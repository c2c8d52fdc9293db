import type { IncomingMessage } from 'node:http';

/** The request's body as JSON, or why there is none; `status` is HTTP's. Undefined: it does not claim to be JSON. */
export type Body = { json: unknown } | { status: 400 | 413 | 415; problem: string };

// A prompt of 16,000 characters and settings of 16 KiB fit several times.
const MAX_BODY_BYTES = 256 * 1024;

export async function readJson(req: IncomingMessage): Promise<Body> {
  const encoding = req.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') {
    return { status: 415, problem: 'Send the body without a content encoding.' };
  }
  const bytes = await readUpTo(req, MAX_BODY_BYTES);
  if (!bytes) {
    return {
      status: 413,
      problem: `The body is larger than ${MAX_BODY_BYTES / 1024} KiB. Send less.`,
    };
  }
  // Anything else stays unread: Apollo refuses it, as forgery or as a wrong type.
  if (!/^application\/json *(;|$)/i.test(req.headers['content-type'] ?? ''))
    return { json: undefined };
  try {
    return { json: JSON.parse(bytes.toString('utf8')) };
  } catch {
    return {
      status: 400,
      problem: 'The body is not valid JSON. Send {"query": "…", "variables": {…}}.',
    };
  }
}

/** Null when there is more: the rest stays unread. */
export async function readUpTo(req: IncomingMessage, maxBytes: number): Promise<Buffer | null> {
  if (Number(req.headers['content-length'] ?? 0) > maxBytes) return null;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
