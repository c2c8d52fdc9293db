import { timingSafeEqual } from 'node:crypto';
import type { Webhook } from 'standardwebhooks';
import { z } from 'zod';
import type { Clock } from '../../clock.js';
import type { Callback } from '../../provider.js';

// As Standard Webhooks has it. An older one is of no use to anybody: what it says is asked for again in any case.
const TOLERANCE_MS = 5 * 60_000;

const body = z.object({ id: z.string().regex(/^[\w-]{1,64}$/) });

/** The id of the job that a signed callback speaks of; null when its signature, its age or its form is wrong. */
export function readCallback(webhook: Webhook, callback: Callback, clock: Clock): string | null {
  return isSigned(webhook, callback, clock) ? idIn(callback.body) : null;
}

/** As the library's own `verify`, by the injected clock. */
function isSigned(webhook: Webhook, { headers, body: text }: Callback, clock: Clock): boolean {
  const id = headers['webhook-id'];
  const timestamp = headers['webhook-timestamp'];
  const signatures = headers['webhook-signature'];
  if (!id || !timestamp || !signatures || !/^\d{1,12}$/.test(timestamp)) return false;
  const sentAt = Number(timestamp) * 1000;
  if (Math.abs(clock.now() - sentAt) > TOLERANCE_MS) return false;
  const expected = Buffer.from(webhook.sign(id, new Date(sentAt), text));
  // Several while the provider changes its secret, each with its version; ours begins with `v1,`.
  return signatures.split(' ').some((one) => {
    const given = Buffer.from(one);
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}

function idIn(text: string): string | null {
  try {
    return body.parse(JSON.parse(text)).id;
  } catch {
    return null;
  }
}
