import { BlockList, isIP } from 'node:net';
import { Webhook } from 'standardwebhooks';

/** Where the provider is, and what proves that it is we who ask and it that calls back. */
export interface EndpointOptions {
  /** As actions name it in the catalogue. */
  name: string;
  /** Its base: jobs are at `{url}/jobs`. */
  url: string;
  key: string;
  /** Signs its callbacks: `whsec_` and 24 to 64 bytes in base64. Null: none are taken. */
  callbackSecret: string | null;
  /** Where it may call back; null: it is only polled. */
  callbackUrl: string | null;
  /** Origins besides its own that outputs may come from, such as `https://cdn.example.com`. */
  outputOrigins: readonly string[];
}

export interface Endpoint {
  name: string;
  /** Of all jobs. */
  jobsUrl: string;
  /** The only one that gets the key. */
  origin: string;
  key: string;
  webhook: Webhook | null;
  callbackUrl: string | null;
  outputOrigins: readonly string[];
}

/** Throws when it cannot be right: in words for the operator, without the key or the secret. */
export function endpointOf(options: EndpointOptions): Endpoint {
  const { name, url, key, callbackSecret, callbackUrl } = options;
  const about = `The provider ${name}`;
  const base = addressOf(url, `${about}: its url`);
  if (base.search !== '' || base.hash !== '') {
    throw new Error(`${about}: its url must end before any ? or #.`);
  }
  if (!/^[\x21-\x7e]+$/.test(key)) {
    throw new Error(`${about}: its key must be one word of printable ASCII.`);
  }
  if (callbackUrl !== null && callbackSecret === null) {
    throw new Error(`${about}: callbacks need a secret as well.`);
  }
  const outputOrigins = options.outputOrigins.map((text) => {
    const { origin } = addressOf(text, `${about}: the output origin`);
    if (text !== origin) {
      throw new Error(`${about}: write the output origin ${text} as ${origin}.`);
    }
    return origin;
  });
  return {
    name,
    jobsUrl: `${base.href.replace(/\/+$/, '')}/jobs`,
    origin: base.origin,
    key,
    webhook: callbackSecret === null ? null : webhookOf(callbackSecret, about),
    callbackUrl,
    outputOrigins: [base.origin, ...outputOrigins],
  };
}

function addressOf(text: string, what: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.username || url.password) {
    throw new Error(
      `${what} must be an https address without a user name, such as https://studio.example.com.`,
    );
  }
  if (url.protocol === 'http:' && !isNear(url.hostname)) {
    throw new Error(
      `${what} must begin with https://: plain http, where anybody on the way reads the key, is for this machine and private networks.`,
    );
  }
  return url;
}

const PRIVATE = new BlockList();
for (const [network, prefix] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  PRIVATE.addSubnet(network, prefix, 'ipv4');
}
PRIVATE.addAddress('::1', 'ipv6');
PRIVATE.addSubnet('fc00::', 7, 'ipv6');

/** This machine, or a name or address that exists in private networks only. */
function isNear(hostname: string): boolean {
  const address = hostname.replace(/^\[|\]$/g, '');
  const family = isIP(address);
  if (family !== 0) return PRIVATE.check(address, family === 6 ? 'ipv6' : 'ipv4');
  return !hostname.includes('.') || /\.(localhost|internal|local)$/.test(hostname);
}

// What Standard Webhooks asks for: a shorter one can be guessed.
const SECRET_BYTES = { min: 24, max: 64 };

function webhookOf(secret: string, about: string): Webhook {
  const [, base64 = ''] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret) ?? [];
  const bytes = Buffer.from(base64, 'base64');
  const whole = bytes.toString('base64') === base64;
  if (!whole || bytes.length < SECRET_BYTES.min || bytes.length > SECRET_BYTES.max) {
    throw new Error(
      `${about}: its callback secret must be whsec_ and ${SECRET_BYTES.min} to ${SECRET_BYTES.max} bytes in base64. Make one: echo "whsec_$(openssl rand -base64 32)"`,
    );
  }
  return new Webhook(secret);
}
