import { once } from 'node:events';
import { connect } from 'node:net';
import type { Quota } from '../../src/domain/quota.js';
import { eventually } from '../world/eventually.js';
import { fakeApp, makeSource, quotaWith, serve, stopAll } from './harness.js';

afterEach(stopAll);

describe('health', () => {
  it('should be alive, and ready when what it stands on is', async () => {
    const { url } = await serve(fakeApp());
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const ready = await fetch(`${url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([200, { ready: true }]);
  });

  it('should say what is missing', async () => {
    const { url } = await serve(fakeApp(), {
      ready: () => Promise.reject(new Error('the ledger does not answer')),
    });
    const response = await fetch(`${url}/readyz`);
    expect([response.status, await response.json()]).toEqual([
      503,
      { ready: false, missing: 'the ledger does not answer' },
    ]);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it('should not wait for readiness longer than 2 s', async () => {
    let asked = false;
    const { url, clock } = await serve(fakeApp(), {
      ready: () => {
        asked = true;
        return new Promise(() => undefined);
      },
    });
    const answer = fetch(`${url}/readyz`);
    await eventually(() => {
      expect(asked).toBe(true);
    });
    clock.advance(2_000);
    expect((await answer).status).toBe(503);
  });
});

describe('dispose', () => {
  it('should finish what is in flight, tell sockets to go and take nothing new', async () => {
    const source = makeSource<Quota>();
    let release: ((quota: Quota) => void) | undefined;
    const { ask, socket, server, url } = await serve(
      fakeApp({
        quota: () => new Promise((resolve) => (release = resolve)),
        watchQuota: () => Promise.resolve(source.watch([quotaWith()])),
      }),
    );
    const { send, next, closed } = await socket();
    await next();
    send({
      id: '1',
      type: 'subscribe',
      payload: { query: 'subscription { quotaChanged { used } }' },
    });
    await next();
    const answer = ask('{ quota { used } }');
    await eventually(() => {
      expect(release).toBeDefined();
    });

    const disposed = server.dispose(10_000);
    expect(await closed).toEqual({ code: 1001, reason: 'Going away' });
    await expect(fetch(`${url}/healthz`)).rejects.toThrow('fetch failed');
    release?.(quotaWith());
    expect((await answer).data).toEqual({ quota: { used: 3 } });
    await disposed;
    expect(source.open).toBe(0);
  });

  it('should not wait for connections that were never used', async () => {
    const { server, url } = await serve(fakeApp());
    const unused = connect(Number(new URL(url).port), '127.0.0.1');
    await once(unused, 'connect');
    // Accepted by the server too, once it has answered somebody else.
    await (await fetch(`${url}/healthz`)).text();
    await server.dispose(60_000);
    await once(unused, 'close');
  });

  it('should cut what does not end in time', async () => {
    let asked = false;
    const { ask, socket, server, clock } = await serve(
      fakeApp({
        quota: () => {
          asked = true;
          return new Promise(() => undefined);
        },
      }),
    );
    const { ws, next } = await socket();
    await next();
    // A peer that does not answer the close.
    ws.pause();
    const answer = ask('{ quota { used } }').catch((error: unknown) => error);
    await eventually(() => {
      expect(asked).toBe(true);
    });
    const disposed = server.dispose(3_000);
    clock.advance(3_000);
    await disposed;
    expect(await answer).toHaveProperty('message', 'fetch failed');
    ws.terminate();
  });
});
