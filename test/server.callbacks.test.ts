import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { CallbackAnswer } from '../src/app/callbacks.js';
import type { Callback } from '../src/provider.js';
import { makeServeCallback } from '../src/server/callbacks.js';

const LIMIT = 64 * 1024;

describe('POST /callbacks/<provider>', () => {
  let server: Server;
  let origin: string;
  let seen: { provider: string; callback: Callback }[];
  let answers: CallbackAnswer;

  beforeEach(async () => {
    seen = [];
    answers = 'taken';
    const reported = (provider: string, callback: Callback): CallbackAnswer => {
      seen.push({ provider, callback });
      return answers;
    };
    const serve = makeServeCallback({ app: { reported } });
    server = createServer((req, res) => void serve(req, res));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  function post(path: string, body: string, headers = {}): Promise<Response> {
    return fetch(`${origin}${path}`, { method: 'POST', body, headers });
  }

  it('should hand on the very bytes and headers, and answer 204', async () => {
    const body = '{ "id": "ä job" }\n';
    const response = await post('/callbacks/studio-2?x=1', body, { 'Webhook-Id': 'msg_1' });
    expect([response.status, await response.text()]).toEqual([204, '']);
    expect(seen).toMatchObject([
      { provider: 'studio-2', callback: { body, headers: { 'webhook-id': 'msg_1' } } },
    ]);
  });

  it.each<[CallbackAnswer, number]>([
    ['forged', 401],
    ['unknown', 404],
  ])('should answer to a callback that is %s with %d and words', async (answer, status) => {
    answers = answer;
    const response = await post('/callbacks/studio', '{}');
    expect(response.status).toBe(status);
    expect((await response.text()).length).toBeGreaterThan(40);
  });

  it.each(['/callbacks/', '/callbacks/a/b', '/callbacks/a%2Fb', `/callbacks/${'a'.repeat(65)}`])(
    'should know nobody at %s',
    async (path) => {
      expect((await post(path, '{}')).status).toBe(404);
      expect(seen).toEqual([]);
    },
  );

  it.each(['GET', 'PUT', 'DELETE'])('should refuse %s with 405', async (method) => {
    const response = await fetch(`${origin}/callbacks/studio`, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST');
    expect(seen).toEqual([]);
  });

  it('should take 64 KiB and not a byte more', async () => {
    expect((await post('/callbacks/studio', 'a'.repeat(LIMIT))).status).toBe(204);
    const response = await post('/callbacks/studio', 'a'.repeat(LIMIT + 1));
    expect(response.status).toBe(413);
    expect(seen).toHaveLength(1);
  });

  it('should refuse a larger one also when it does not say how large it is', async () => {
    const status = await new Promise<number>((resolve, reject) => {
      const sending = request(`${origin}/callbacks/studio`, { method: 'POST' }, (response) => {
        text(response).then(() => {
          resolve(response.statusCode ?? 0);
        }, reject);
      });
      sending.on('error', reject);
      sending.write('a'.repeat(LIMIT));
      sending.write('a');
    });
    expect(status).toBe(413);
    expect(seen).toEqual([]);
  });
});
