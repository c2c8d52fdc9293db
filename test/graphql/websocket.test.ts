import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { Generation } from '../../src/domain/generation.js';
import type { Quota } from '../../src/domain/quota.js';
import { eventually } from '../world/eventually.js';
import { fakeApp, generationWith, makeSource, quotaWith, serve, stopAll } from './harness.js';

afterEach(stopAll);

const WATCH = {
  id: '1',
  type: 'subscribe',
  payload: { query: 'subscription { quotaChanged { used revision } }' },
};

function watchable() {
  const source = makeSource<Quota>();
  return {
    source,
    app: fakeApp({ watchQuota: () => Promise.resolve(source.watch([quotaWith()])) }),
  };
}

describe('subscriptions', () => {
  it('should send the present value, then every change, until they are completed', async () => {
    const { source, app } = watchable();
    const { socket, url } = await serve(app);
    const { send, next } = await socket();
    expect(await next()).toEqual({ type: 'connection_ack' });
    send(WATCH);
    expect(await next()).toEqual({
      id: '1',
      type: 'next',
      payload: { data: { quotaChanged: { used: 3, revision: '4294967301' } } },
    });
    source.push(quotaWith({ used: 4, revision: 4_294_967_302 }));
    expect(await next()).toMatchObject({
      payload: { data: { quotaChanged: { used: 4, revision: '4294967302' } } },
    });
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('genquota_websockets 1');
    expect(source.open).toBe(1);
    send({ id: '1', type: 'complete' });
    await eventually(() => {
      expect(source.open).toBe(0);
    });
  });

  it('should follow one generation, or all', async () => {
    const asked: unknown[] = [];
    const { socket } = await serve(
      fakeApp({
        watchGenerations: (account, id) => {
          asked.push([account, id]);
          const source = makeSource<Generation>();
          return Promise.resolve(source.watch([generationWith({ status: 'RUNNING' })]));
        },
      }),
    );
    const { send, next } = await socket();
    await next();
    send({
      id: 'a',
      type: 'subscribe',
      payload: { query: 'subscription { generationChanged(id: "g") { status } }' },
    });
    expect(await next()).toEqual({
      id: 'a',
      type: 'next',
      payload: { data: { generationChanged: { status: 'RUNNING' } } },
    });
    send({
      id: 'b',
      type: 'subscribe',
      payload: { query: 'subscription { generationChanged { status } }' },
    });
    await next();
    expect(asked).toEqual([
      ['ada', 'g'],
      ['ada', null],
    ]);
  });

  it('should let go of every source when the socket is cut', async () => {
    const { source, app } = watchable();
    const { socket } = await serve(app);
    const { ws, send, next } = await socket();
    await next();
    for (const id of ['1', '2', '3']) {
      send({ ...WATCH, id });
      await next();
    }
    expect(source.open).toBe(3);
    ws.terminate();
    await eventually(() => {
      expect(source.open).toBe(0);
    });
  });

  it('should answer queries and mutations too', async () => {
    const { socket } = await serve(fakeApp());
    const { send, next } = await socket();
    await next();
    send({ id: 'q', type: 'subscribe', payload: { query: '{ quota { used } }' } });
    expect(await next()).toEqual({
      id: 'q',
      type: 'next',
      payload: { data: { quota: { used: 3 } } },
    });
    expect(await next()).toEqual({ id: 'q', type: 'complete' });
  });

  it('should mask errors as over HTTP, wherever they come from', async () => {
    const secret = new Error('password=hunter2');
    const { socket, logged } = await serve(
      fakeApp({
        quota: () => Promise.reject(secret),
        watchQuota: () => {
          const broken = makeSource<Quota>().watch([]);
          broken.next = () => Promise.reject(secret);
          return Promise.resolve(broken);
        },
      }),
    );
    const { send, next } = await socket();
    await next();
    send({ id: 'q', type: 'subscribe', payload: { query: '{ quota { used } }' } });
    const answers = [await next()];
    await next();
    send(WATCH);
    answers.push(await next());
    expect(answers).toMatchObject([
      {
        type: 'next',
        payload: { data: null, errors: [{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }] },
      },
      { type: 'error', payload: [{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }] },
    ]);
    expect(JSON.stringify(answers)).not.toMatch(/hunter2|stack/);
    expect(logged.filter(({ facts }) => facts.err === secret)).toHaveLength(2);
  });

  it.each([
    ['{ nonsense }', 'GRAPHQL_VALIDATION_FAILED'],
    ['{ quota {', 'GRAPHQL_PARSE_FAILED'],
    [
      `{ ${Array.from({ length: 21 }, (_, n) => `a${n}: __typename`).join(' ')} }`,
      'DOCUMENT_REFUSED',
    ],
    [
      `{ __type(name: "Quota") { ${'ofType { '.repeat(16)} name ${'} '.repeat(16)} } }`,
      'DOCUMENT_REFUSED',
    ],
    [`{ ${'__typename '.repeat(601)} }`, 'DOCUMENT_REFUSED'],
  ])('should refuse the documents it refuses over HTTP: %#', async (query, code) => {
    const { socket } = await serve(fakeApp());
    const { send, next } = await socket();
    await next();
    send({ id: 'q', type: 'subscribe', payload: { query } });
    expect(await next()).toMatchObject({
      id: 'q',
      type: 'error',
      payload: [{ extensions: { code } }],
    });
  });

  it('should refuse variables and operations that do not fit', async () => {
    const { socket } = await serve(fakeApp());
    const { send, next } = await socket();
    await next();
    const query = 'query ($first: Int) { generations(first: $first) { edges { cursor } } }';
    send({ id: 'q', type: 'subscribe', payload: { query, variables: { first: 'many' } } });
    expect(await next()).toMatchObject({
      payload: {
        errors: [
          {
            message: expect.stringContaining('Variable "$first" got invalid value') as string,
            extensions: { code: 'BAD_USER_INPUT' },
          },
        ],
      },
    });
    await next();
    send({ id: 'q', type: 'subscribe', payload: { query, operationName: 'Other' } });
    expect(await next()).toMatchObject({
      type: 'error',
      payload: [{ extensions: { code: 'BAD_REQUEST' } }],
    });
  });

  it('should carry 100 operations on a socket and refuse the next', async () => {
    const { source, app } = watchable();
    const { socket } = await serve(app);
    const { send, next } = await socket();
    await next();
    for (let n = 0; n < 100; n += 1) send({ ...WATCH, id: `s${n}` });
    for (let n = 0; n < 100; n += 1) expect((await next()).type).toBe('next');
    send({ ...WATCH, id: 'more' });
    expect(await next()).toMatchObject({
      id: 'more',
      type: 'error',
      payload: [{ extensions: { code: 'RATE_LIMITED', retryable: true } }],
    });
    expect(source.open).toBe(100);
  });
});

describe('who may open a socket', () => {
  it.each([
    [{}, 4401],
    [{ authorization: 'Bearer bad' }, 4401],
    [{ authorization: 7 }, 4401],
    [{ authorization: 'Bearer down' }, 1013],
  ])('should close one that sends %j', async (params, code) => {
    const { socket } = await serve(fakeApp());
    expect((await (await socket(params)).closed).code).toBe(code);
  });

  it.each([
    { authorization: 'ada' },
    { Authorization: 'bearer ada' },
    { headers: { Authorization: 'Bearer ada' } },
  ])('should find the token in %j', async (params) => {
    const { socket } = await serve(fakeApp());
    expect(await (await socket(params)).next()).toEqual({ type: 'connection_ack' });
  });

  it('should close one that subscribes before it was accepted', async () => {
    const { url } = await serve(fakeApp());
    const ws = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    await once(ws, 'open');
    ws.send(JSON.stringify(WATCH));
    const [code] = (await once(ws, 'close')) as [number];
    expect(code).toBe(4401);
  });

  it('should close a socket when its token expires', async () => {
    const { source, app } = watchable();
    const { socket, clock } = await serve(app);
    const { closed, next, send } = await socket({ authorization: 'late' });
    await next();
    send(WATCH);
    await next();
    clock.advance(59_000);
    source.push(quotaWith({ used: 5 }));
    expect((await next()).type).toBe('next');
    clock.advance(1_000);
    expect(await closed).toEqual({ code: 4401, reason: 'Unauthorized' });
    await eventually(() => {
      expect(source.open).toBe(0);
    });
  });

  it('should let pages of its own origin in, and apps without one, but no other sites', async () => {
    const { socket, url } = await serve(fakeApp(), { publicUrl: 'https://make.example' });
    for (const origin of [url, 'https://make.example']) {
      expect(await (await socket({ authorization: 'ada' }, { origin })).next()).toEqual({
        type: 'connection_ack',
      });
    }
    for (const origin of ['https://evil.example', 'null', 'https://make.example.evil.example']) {
      await expect(socket({ authorization: 'ada' }, { origin })).rejects.toThrow('403');
    }
  });

  it('should refuse sockets over its bound, and on other paths', async () => {
    const { socket, url } = await serve(fakeApp(), { maxSockets: 1 });
    await (await socket()).next();
    await expect(socket()).rejects.toThrow('503');
    const elsewhere = new WebSocket(`${url.replace('http', 'ws')}/else`, 'graphql-transport-ws');
    await expect(once(elsewhere, 'open')).rejects.toThrow('404');
  });

  it('should close a socket that sends too much at once', async () => {
    const { socket } = await serve(fakeApp());
    const { send, next, closed } = await socket();
    await next();
    send({ ...WATCH, payload: { query: `{ plans { id } } #${'x'.repeat(65 * 1024)}` } });
    expect((await closed).code).toBe(1009);
  });
});
