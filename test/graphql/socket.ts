import { once } from 'node:events';
import { WebSocket } from 'ws';

export interface Message {
  type: string;
  id?: string;
  payload?: never;
}

export interface Socket {
  ws: WebSocket;
  send: (message: object) => void;
  /** The next message that was not taken yet. */
  next: () => Promise<Message>;
  closed: Promise<{ code: number; reason: string }>;
}

/** A WebSocket that has sent its connection_init. */
export async function openSocket(
  url: string,
  params: object,
  headers: Record<string, string>,
): Promise<Socket> {
  const ws = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
    headers,
  });
  const inbox: Message[] = [];
  ws.on('message', (data: Buffer) => {
    inbox.push(JSON.parse(data.toString()) as Message);
    ws.emit('taken');
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    ws.on('close', (code, reason) => {
      resolve({ code, reason: String(reason) });
    });
  });
  const send = (message: object): void => {
    ws.send(JSON.stringify(message));
  };
  await once(ws, 'open');
  send({ type: 'connection_init', payload: params });
  return {
    ws,
    send,
    closed,
    async next() {
      while (inbox.length === 0) await once(ws, 'taken', { signal: AbortSignal.timeout(5_000) });
      return inbox.shift()!;
    },
  };
}
