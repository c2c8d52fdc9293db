import sharp from 'sharp';
import { z } from 'zod';
import type { ProducedFile } from '../../provider.js';
import { Unusable } from './exchange.js';

/** The most bytes one picture may have. */
export const MAX_IMAGE_BYTES = 20 * 2 ** 20;

/** One picture of an answer: its bytes, or where they are. */
export type Item = { bytes: Buffer } | { url: string };

// An item without a picture is one the provider held back: it is left out, the others count (R5).
const answerBody = z.object({
  data: z.array(z.object({ b64_json: z.string().nullish(), url: z.string().nullish() }).catch({})),
});

/** Reads a successful answer. Throws `Unusable` when it is not one. */
export function itemsOf(body: Buffer): Item[] {
  let json: unknown;
  try {
    json = JSON.parse(body.toString('utf8'));
  } catch {
    throw new Unusable('an answer that is not JSON');
  }
  const answer = answerBody.safeParse(json);
  if (!answer.success) throw new Unusable('JSON of another shape');
  return answer.data.data.flatMap(({ b64_json: base64, url }): Item[] => {
    if (base64)
      return base64.length * 0.75 > MAX_IMAGE_BYTES
        ? []
        : [{ bytes: Buffer.from(base64, 'base64') }];
    return url ? [{ url }] : [];
  });
}

const FORMATS = [
  { format: 'png', contentType: 'image/png', magic: /^89504e470d0a1a0a/ },
  { format: 'jpeg', contentType: 'image/jpeg', magic: /^ffd8ff/ },
  { format: 'webp', contentType: 'image/webp', magic: /^52494646.{8}57454250/ },
];
const MAGIC_BYTES = 12;

/** The picture with its type told from its own bytes, whatever the provider called it; null when it is none. */
export async function imageOf(bytes: Buffer): Promise<ProducedFile | null> {
  const head = bytes.subarray(0, MAGIC_BYTES).toString('hex');
  const found = FORMATS.find(({ magic }) => magic.test(head));
  if (!found) return null;
  try {
    const { format, width, height } = await sharp(bytes).metadata();
    if (format !== found.format) return null;
    return { bytes, contentType: found.contentType, width, height, durationMs: null };
  } catch {
    // The right first bytes and nothing behind them.
    return null;
  }
}
