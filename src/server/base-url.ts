import type { IncomingMessage } from 'node:http';

/** Where a caller reached this server: the start of absolute links. No trailing slash. */
export type BaseUrlOf = (req: IncomingMessage) => string;

export function makeBaseUrlOf(publicUrl: string | null): BaseUrlOf {
  return (req) => {
    if (publicUrl !== null) return publicUrl;
    const host = req.headers.host ?? '';
    // The caller writes this header; only what can be a host and a port goes into a link.
    if (/^[\w.:[\]-]{1,255}$/.test(host)) return `http://${host}`;
    const { localAddress = '', localPort = 0 } = req.socket;
    return `http://${localAddress.includes(':') ? `[${localAddress}]` : localAddress}:${localPort}`;
  };
}
