import type { Clock } from '../clock.js';
import type { FileLinks } from '../graphql/context.js';
import { exportLink, outputLink, uploadLink, type Links } from '../links.js';

// Time to begin the download; it may go on for longer.
const EXPORT_MS = 15 * 60 * 1000;

/** Links as people of one request reach this gateway. */
export function linksFrom(links: Links, baseUrl: string, clock: Clock): FileLinks {
  return {
    file: (target) => links.sign(outputLink(target), baseUrl),
    upload: (generationId, expiresAt) => links.sign(uploadLink(generationId), baseUrl, expiresAt),
    export(account) {
      const expiresAt = clock.now() + EXPORT_MS;
      return { url: links.sign(exportLink(account), baseUrl, expiresAt), expiresAt };
    },
  };
}
