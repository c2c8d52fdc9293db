import type { Client } from 'graphql-ws';
import { periodOf, type Anchor } from '../../src/domain/period.js';
import { eventually } from '../world/eventually.js';
import { MODES } from '../world/world.js';
import { GENERATE, input, startGateway, type Data, type Gateway } from './gateway.js';

/** Where a subscription began that resets at `at`: a year before, or as long before as the calendar has that day. */
function anchorOf(at: number): { anchor: Anchor; months: number } {
  for (let months = 12; months > 0; months--) {
    const began = new Date(at);
    began.setUTCMonth(began.getUTCMonth() - months);
    const anchor = { startedAt: began.getTime(), timeZone: 'UTC' };
    // Not so from 29 February back to a year without one, for example.
    if (periodOf(anchor, months).startsAt === at) return { anchor, months };
  }
  throw new Error(`no subscription resets at ${at}`);
}

const WATCH = `subscription { quotaChanged { remaining used held granted resetsAt revision } }`;

describe.each(MODES)('live quota over graphql-ws, %s', (mode) => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await startGateway(mode);
  });
  afterAll(() => gateway.stop());

  function watch(client: Client): { shown: Data[]; close: () => void } {
    const shown: Data[] = [];
    const close = client.subscribe<Data>(
      { query: WATCH },
      {
        next: ({ data }) => shown.push(data?.quotaChanged),
        error: (error) => shown.push(error),
        complete: () => undefined,
      },
    );
    return { shown, close };
  }

  it('should show the present value first, then every change', async () => {
    const person = await gateway.as('watcher');
    const { shown, close } = watch(person.live());
    await eventually(() => {
      expect(shown).toMatchObject([{ remaining: 10, used: 0 }]);
    });
    await person.ask(GENERATE, { input: input() });
    await eventually(() => {
      expect(shown.at(-1)).toMatchObject({ remaining: 9, used: 1, held: 0 });
    });
    await person.ask(GENERATE, {
      input: input({ settings: { sketch: { outcome: 'fail', delayMs: 50 } } }),
    });
    await eventually(() => {
      expect(shown.at(-1)).toMatchObject({ remaining: 9, used: 1, held: 0 });
      expect(shown.map(({ remaining }) => remaining as number)).toContain(8);
    });
    const revisions = shown.map(({ revision }) => Number(revision));
    expect(revisions).toEqual([...revisions].sort((a, b) => a - b));
    close();
  });

  it('should push the reset at the anniversary, without any request', async () => {
    const operator = await gateway.as('support', { operator: true });
    const person = await gateway.as('anniversary');
    // Time enough to subscribe, generate and watch, also on a slow machine.
    const resetsAt = Date.now() + 8_000;
    const { anchor, months } = anchorOf(resetsAt);
    const put = `mutation ($startedAt: DateTime!) { putSubscription(input: { accountId: "anniversary", plan: "core", startedAt: $startedAt, billingCycle: ANNUAL }) { resetsAt } }`;
    const startedAt = new Date(anchor.startedAt).toISOString();
    const { putSubscription } = await operator.ask(put, { startedAt });
    expect(putSubscription.resetsAt).toBe(new Date(resetsAt).toISOString());
    await person.ask(GENERATE, { input: input() });
    const { shown, close } = watch(person.live());
    await eventually(() => {
      expect(shown[0]).toMatchObject({ remaining: 9, resetsAt: putSubscription.resetsAt });
    });
    const next = new Date(periodOf(anchor, months).endsAt).toISOString();
    await eventually(() => {
      expect(shown.at(-1)).toMatchObject({ remaining: 10, used: 0, resetsAt: next });
    }, 20_000);
    close();
  });

  it('should close a socket without a token with 4401', async () => {
    const { createClient } = await import('graphql-ws');
    const { default: WebSocket } = await import('ws');
    const codes: number[] = [];
    const client = createClient({
      url: `${gateway.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      on: { closed: (event) => codes.push((event as { code: number }).code) },
    });
    const { close } = watch(client);
    await eventually(() => {
      expect(codes).toEqual([4401]);
    });
    close();
  });
});
