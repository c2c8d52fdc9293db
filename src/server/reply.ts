import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';

/** Headers of every answer. Pages set a Content-Security-Policy of their own; there are no CORS headers on purpose. */
export function secure(res: ServerResponse): void {
  res.setHeader('x-content-type-options', 'nosniff');
  res.setHeader('referrer-policy', 'no-referrer');
  res.setHeader('x-frame-options', 'DENY');
  res.setHeader('cross-origin-opener-policy', 'same-origin');
  res.setHeader('cross-origin-resource-policy', 'same-origin');
}

/** A whole answer at once. */
export function reply(
  res: ServerResponse,
  status: number,
  contentType: string,
  body: string,
  headers: OutgoingHttpHeaders = {},
): void {
  // The caller may be gone already, or an answer under way when something failed.
  if (res.headersSent || res.destroyed) {
    res.destroy();
    return;
  }
  const bytes = Buffer.from(body);
  res.writeHead(status, {
    'cache-control': 'no-store',
    'content-type': contentType,
    'content-length': bytes.length,
    ...headers,
  });
  res.end(res.req.method === 'HEAD' ? undefined : bytes);
}

export function replyText(
  res: ServerResponse,
  status: number,
  text: string,
  headers?: OutgoingHttpHeaders,
): void {
  reply(res, status, 'text/plain; charset=utf-8', `${text}\n`, headers);
}

export function replyJson(
  res: ServerResponse,
  status: number,
  value: object,
  headers?: OutgoingHttpHeaders,
): void {
  reply(res, status, 'application/json; charset=utf-8', `${JSON.stringify(value)}\n`, headers);
}
