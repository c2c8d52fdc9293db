import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import { Problem } from './client.js';

/** Takes callbacks on a free port of this machine. */
export interface Receiver {
  url: string;
  /** Waits until a callback about the job came; throws `Problem` when one is signed wrongly, or none comes in time. */
  expectAbout(id: string, withinMs: number): Promise<void>;
  dispose(): Promise<void>;
}

const LOOK_MS = 50;
const MAX_BODY_BYTES = 64 * 1024;
const MAX_KEPT = 1_000;

/** Throws, in words for the operator, when the secret is none. */
export async function startReceiver(secret: string): Promise<Receiver> {
  const webhook = webhookOf(secret);
  const ids = new Set<unknown>();
  let problem: Problem | null = null;
  const server = createServer((request, response) => {
    void take(request)
      .then((body) => {
        if (ids.size < MAX_KEPT) ids.add(idIn(webhook, request.headers, body));
      })
      .catch((error: unknown) => {
        if (error instanceof Problem) problem = error;
      })
      .finally(() => response.writeHead(204).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}/callbacks`,
    async expectAbout(id, withinMs) {
      const giveUpAt = Date.now() + withinMs;
      for (;;) {
        if (problem) throw problem;
        if (ids.has(id)) return;
        if (Date.now() > giveUpAt) throw new Problem(NONE_CAME);
        await sleep(LOOK_MS);
      }
    },
    dispose: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

function webhookOf(secret: string): Webhook {
  try {
    if (secret.startsWith('whsec_')) return new Webhook(secret);
  } catch {
    // Said below.
  }
  throw new Error('--callback-secret must be whsec_ and at least 24 bytes in base64.');
}

async function take(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES)
      throw new Problem('A callback has more than 64 KiB. Send the job only.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const NONE_CAME =
  'No callback came. When a job changes, POST it to the callbackUrl of its request, at the latest when it has ended.';

/** The job that a callback speaks of. Throws `Problem` when the gateway would not take it. */
function idIn(webhook: Webhook, headers: IncomingHttpHeaders, body: string): unknown {
  let content: unknown;
  try {
    const texts = Object.entries(headers).map(([name, value]) => [name, String(value)] as const);
    content = webhook.verify(body, Object.fromEntries(texts));
  } catch (error) {
    const why = error instanceof Error ? error.message : 'not JSON';
    throw new Problem(
      `A callback would be refused: ${why}. Sign "{webhook-id}.{webhook-timestamp}.{body}" with HMAC-SHA256 and the secret's bytes (base64 after whsec_), and send v1,<base64>.`,
    );
  }
  if (typeof content !== 'object' || content === null || !('id' in content)) {
    throw new Problem('A callback holds no job. Send the same JSON as GET /jobs/{id} answers.');
  }
  return content.id;
}
