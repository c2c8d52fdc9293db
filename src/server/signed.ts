import type { IncomingMessage } from 'node:http';
import type { Links, VerifiedLink } from '../links.js';

/** What a request's signed link opens, as `read` understands it. */
export type Opened<T> = { target: T; expiresAt: number } | 'expired' | 'invalid';

export function openLink<T>(
  req: IncomingMessage,
  links: Pick<Links, 'verify'>,
  read: (link: VerifiedLink) => T | null,
): Opened<T> {
  const [path = '', query = ''] = (req.url ?? '').split('?', 2);
  const link = links.verify(path, new URLSearchParams(query));
  if (typeof link === 'string') return link;
  const target = read(link);
  return target === null ? 'invalid' : { target, expiresAt: link.expiresAt };
}
