import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

/** A TCP wire to a database that can be cut, frozen and taken down. */
export interface Wire {
  url: string;
  /** Cuts the next connection that commits: before the server sees COMMIT, or after it answered. */
  cutAtCommit(when: 'before' | 'after'): void;
  cuts(): number;
  freeze(): void;
  thaw(): void;
  down(): Promise<void>;
  up(): Promise<void>;
  dispose(): Promise<void>;
}

export async function makeWire(target: string): Promise<Wire> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let cutting: 'before' | 'after' | null = null;
  let cuts = 0;
  let frozen = false;
  let server: Server;

  function accept(near: Socket): void {
    const far = connect(Number(port), hostname);
    let cutAtReply = false;
    const cut = () => {
      cuts += 1;
      near.destroy();
      far.destroy();
    };
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
    near.on('data', (chunk) => {
      if (frozen) return;
      if (cutting && chunk.includes('COMMIT') && !chunk.includes('COMMITTED')) {
        const before = cutting === 'before';
        cutting = null;
        if (before) {
          cut();
          return;
        }
        cutAtReply = true;
      }
      far.write(chunk);
    });
    far.on('data', (chunk) => {
      if (cutAtReply) cut();
      else if (!frozen) near.write(chunk);
    });
  }

  async function listen(at: number): Promise<number> {
    server = createServer(accept).listen(at, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  function close(): Promise<void> {
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    return closed.then(() => undefined);
  }

  const near = await listen(0);
  const url = new URL(target);
  url.host = `127.0.0.1:${near}`;
  return {
    url: url.href,
    cutAtCommit(when) {
      cutting = when;
    },
    cuts: () => cuts,
    freeze() {
      frozen = true;
    },
    thaw() {
      frozen = false;
    },
    down: close,
    up: () => listen(near).then(() => undefined),
    dispose: close,
  };
}
