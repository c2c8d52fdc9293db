import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A TCP proxy before an engine that can misbehave the way networks do. */
export interface Proxy {
  port: number;
  /** How many connections were made so far. */
  accepted(): number;
  /**
   * Forwards the next request that contains `text`, waits until the engine has answered it, and cuts the connection
   * instead of delivering the answer. Resolves when that has happened.
   */
  cutReplyTo(text: string): Promise<void>;
  /** Lets nothing through in either direction while connections stay open, new ones too. */
  stall(): void;
  /** Cuts all connections and every new one. */
  refuse(): void;
  /** Forwards again; what was stalled arrives late. */
  pass(): void;
  dispose(): Promise<void>;
}

type Mode = 'pass' | 'stall' | 'refuse';

interface Cut {
  text: string;
  done: () => void;
}

interface Wiring {
  mode: Mode;
  cut: Cut | undefined;
  sockets: Set<Socket>;
}

/** Starts a proxy on a free loopback port before the engine on `targetPort`. */
export async function startProxy(targetPort: number): Promise<Proxy> {
  const wiring: Wiring = { mode: 'pass', cut: undefined, sockets: new Set() };
  let accepted = 0;
  const server = createServer((client) => {
    accepted++;
    if (wiring.mode === 'refuse') client.destroy();
    else wire(wiring, client, connect(targetPort, '127.0.0.1'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const each = (act: (socket: Socket) => unknown) => {
    for (const socket of wiring.sockets) act(socket);
  };
  return {
    port: (server.address() as AddressInfo).port,
    accepted: () => accepted,
    cutReplyTo: (text) =>
      new Promise((done) => {
        wiring.cut = { text, done };
      }),
    stall() {
      wiring.mode = 'stall';
      each((socket) => socket.pause());
    },
    refuse() {
      wiring.mode = 'refuse';
      each((socket) => socket.destroy());
    },
    pass() {
      wiring.mode = 'pass';
      each((socket) => socket.resume());
    },
    async dispose() {
      each((socket) => socket.destroy());
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function wire(wiring: Wiring, client: Socket, engine: Socket): void {
  let cutting: Cut | undefined;
  const both = [client, engine];
  const end = () => {
    for (const socket of both) socket.destroy();
  };
  for (const socket of both) {
    wiring.sockets.add(socket);
    socket.on('error', end);
    socket.on('close', () => {
      wiring.sockets.delete(socket);
      end();
    });
  }
  client.on('data', (request) => {
    if (wiring.cut && request.includes(wiring.cut.text)) {
      cutting = wiring.cut;
      wiring.cut = undefined;
    }
    engine.write(request);
  });
  engine.on('data', (reply) => {
    if (!cutting) {
      client.write(reply);
      return;
    }
    end();
    cutting.done();
    cutting = undefined;
  });
  if (wiring.mode === 'stall') for (const socket of both) socket.pause();
}
