import { isIP } from 'node:net';
import type { Request } from '../wire/exchange.js';

/** Where to ask, as whom, for which models. */
export interface Endpoint {
  /** As actions name it in the catalogue. */
  name: string;
  /** The API's base, version included, as OpenAI's own clients take it: `https://api.openai.com/v1`. */
  url: string;
  key: string;
  /** Null: it makes no pictures. */
  imageModel: string | null;
  /** Null: it does not speak. */
  speechModel: string | null;
  /** Who speaks, unless the person says otherwise. */
  voice: string;
}

/** The endpoint's base, with a slash at its end. Throws, without showing the key, when the endpoint cannot be right. */
export function baseOf({ name, url, key, imageModel, speechModel }: Endpoint): URL {
  const base = URL.canParse(url) ? new URL(url) : null;
  if (!base || !['http:', 'https:'].includes(base.protocol) || base.username !== '') {
    throw new Error(
      `Provider ${name}: its url must be an http(s) address without a user name, such as https://api.openai.com/v1.`,
    );
  }
  if (!/^[\x21-\x7e]+$/.test(key)) {
    throw new Error(`Provider ${name}: its key must be one word of printable ASCII.`);
  }
  if (!imageModel && !speechModel) {
    throw new Error(`Provider ${name}: an image model or a speech model must be named.`);
  }
  base.pathname = `${base.pathname.replace(/\/+$/, '')}/`;
  return base;
}

// Names that mean something inside a network only.
const INSIDE = /(^|\.)(localhost|local|internal|lan|home\.arpa)$/;

/**
 * The request for a file the provider only points at; the key does not go along. Null unless it lies at the endpoint's own
 * origin or at a public name over https: an answer must not make this machine fetch from the network it stands in. A name
 * that leads inside all the same has no certificate to show there.
 */
export function downloadOf(url: string, base: URL): Request | null {
  const target = URL.canParse(url) ? new URL(url) : null;
  if (target?.username !== '') return null;
  const host = target.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const isPublic =
    target.protocol === 'https:' && host.includes('.') && isIP(host) === 0 && !INSIDE.test(host);
  if (target.origin !== base.origin && !isPublic) return null;
  return { url: target.href, method: 'GET', headers: { accept: 'image/*' } };
}
