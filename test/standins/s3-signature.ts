import { createHash, createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Whether the request carries AWS's signature, version 4, of these keys over what it is. */
export function isSigned(
  req: IncomingMessage,
  body: Buffer,
  keys: { accessKeyId: string; secretAccessKey: string },
): boolean {
  const { authorization = '', 'x-amz-date': time, 'x-amz-content-sha256': payload } = req.headers;
  const [, keyId, scope = '', names = '', signature] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\S+), SignedHeaders=(\S+), Signature=([0-9a-f]{64})$/.exec(
      authorization,
    ) ?? [];
  if (keyId !== keys.accessKeyId || typeof time !== 'string' || typeof payload !== 'string') {
    return false;
  }
  if (payload !== 'UNSIGNED-PAYLOAD' && payload !== hex(body)) return false;
  const [path = '', query = ''] = (req.url ?? '').split('?', 2);
  const canonical = [
    req.method,
    path,
    query.split('&').sort().join('&'),
    ...names.split(';').map((name) => `${name}:${String(req.headers[name]).trim()}`),
    '',
    names,
    payload,
  ].join('\n');
  const stringToSign = ['AWS4-HMAC-SHA256', time, scope, hex(canonical)].join('\n');
  const key = scope
    .split('/')
    .reduce<Buffer>((last, part) => hmac(last, part), Buffer.from(`AWS4${keys.secretAccessKey}`));
  return hmac(key, stringToSign).toString('hex') === signature;
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function hex(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('hex');
}
