import { z } from 'zod';
import { Unusable } from '../wire/exchange.js';

/** One picture of an answer: its bytes, or where they are. */
export type Item = { bytes: Buffer } | { url: string };

// An item without a picture is one the provider held back: it is left out, the others count (R5).
const answerBody = z.object({
  data: z.array(z.object({ b64_json: z.string().nullish(), url: z.string().nullish() }).catch({})),
});

/** Reads a successful answer about pictures. Throws `Unusable` when it is not one. */
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
    // Text without a single letter of base64 decodes to nothing.
    const bytes = Buffer.from(base64 ?? '', 'base64');
    if (bytes.length > 0) return [{ bytes }];
    return url ? [{ url }] : [];
  });
}
