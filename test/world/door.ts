import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

export interface Door {
  url: string;
  /** What the door threw. */
  faults: unknown[];
  /** A connection on which `text` was sent. */
  raw(text: string): Promise<Socket>;
  dispose(): Promise<void>;
}

/** An HTTP server with one door on a free loopback port; what it throws is answered with 500. */
export async function openDoor(
  door: (req: IncomingMessage, res: ServerResponse) => Promise<void>,
): Promise<Door> {
  const faults: unknown[] = [];
  const server = createServer((req, res) => {
    void door(req, res).catch((error: unknown) => {
      faults.push(error);
      res.writeHead(500).end('failed');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    faults,
    async raw(text) {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      socket.write(text);
      return socket;
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

/** All that comes until the other side ends or breaks the connection. */
export async function textOf(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  if (!socket.closed) await once(socket, 'close');
  return text;
}
