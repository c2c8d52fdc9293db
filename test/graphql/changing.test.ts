import type { GenerateRequest } from '../../src/app.js';
import { Fault } from '../../src/domain/fault.js';
import { fakeApp, generationWith, NOW, quotaWith, serve, stopAll } from './harness.js';

afterEach(stopAll);

const GENERATE = `mutation ($input: GenerateInput!) { generate(input: $input) { __typename
  ... on GenerationAccepted { replayed generation { id status } quota { remaining } }
  ... on QuotaExhausted { message resetsAt upgrades { id } quota { used } } } }`;

describe('generate', () => {
  it('should hand the request on with its defaults and answer the generation', async () => {
    const requests: [string, GenerateRequest][] = [];
    const { ask, url } = await serve(
      fakeApp({
        generate: (account, request) => {
          requests.push([account, request]);
          return Promise.resolve({
            kind: 'accepted',
            generation: generationWith({ status: 'RUNNING' }),
            quota: quotaWith(),
            replayed: requests.length > 1,
          });
        },
      }),
    );
    const variables = { input: { requestId: 'r1', action: 'image.generate' } };
    const answer = await ask(GENERATE, { variables });
    expect(answer.data).toEqual({
      generate: {
        __typename: 'GenerationAccepted',
        replayed: false,
        generation: { id: generationWith().id, status: 'RUNNING' },
        quota: { remaining: 9 },
      },
    });
    await ask(
      'mutation { generate(input: { requestId: "r2", action: "a", prompt: "p", settings: { a: [1, { b: null }] }, inputs: ["i"], outputCount: 3 }) { __typename } }',
    );
    expect(requests).toEqual([
      [
        'ada',
        {
          requestId: 'r1',
          action: 'image.generate',
          prompt: null,
          settings: null,
          inputs: [],
          outputCount: 1,
          parent: null,
        },
      ],
      [
        'ada',
        {
          requestId: 'r2',
          action: 'a',
          prompt: 'p',
          settings: { a: [1, { b: null }] },
          inputs: ['i'],
          outputCount: 3,
          parent: null,
        },
      ],
    ]);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain('genquota_generate_total{outcome="accepted"} 1');
    expect(metrics).toContain('genquota_generate_total{outcome="replayed"} 1');
  });

  it('should answer an exhausted quota with a sentence for the person', async () => {
    const upgrades = [{ id: 'plus', name: 'Plus', limit: 100, effectiveFrom: NOW }];
    const { ask } = await serve(
      fakeApp({
        generate: () =>
          Promise.resolve({ kind: 'exhausted', quota: quotaWith({ used: 12 }), upgrades }),
      }),
    );
    const answer = await ask(GENERATE, {
      variables: { input: { requestId: 'r1', action: 'image.generate' } },
    });
    expect(answer.data).toEqual({
      generate: {
        __typename: 'QuotaExhausted',
        message:
          'You have used all 12 generations of this month. Your generations are back on 18 March 2026 at 09:30 UTC. Upgrade to go on now.',
        resetsAt: '2026-03-18T09:30:00.000Z',
        upgrades: [{ id: 'plus' }],
        quota: { used: 12 },
      },
    });
  });

  const deep = (levels: number): object => (levels === 0 ? {} : { a: deep(levels - 1) });
  it.each([
    [{ requestId: '' }, '`input.requestId` must have 1 to 255 characters; it has 0.'],
    [
      { requestId: 'r'.repeat(256) },
      '`input.requestId` must have 1 to 255 characters; it has 256.',
    ],
    [
      { prompt: 'p'.repeat(16_001) },
      '`input.prompt` must have 0 to 16,000 characters; it has 16,001.',
    ],
    [
      { settings: [1] },
      '`input.settings` must be a JSON object, such as {"style": "watercolour"}.',
    ],
    [{ settings: deep(9) }, '`input.settings` must be nested at most 8 levels deep.'],
    [
      { settings: { a: 'x'.repeat(16 * 1024) } },
      '`input.settings` must be at most 16 KiB of JSON.',
    ],
    [{ inputs: Array(9).fill('i') }, '`input.inputs` must hold 0 to 8 ids; it holds 9.'],
    [{ inputs: ['a', ''] }, '`input.inputs[1]` must have 1 to 255 characters; it has 0.'],
    [{ outputCount: 9 }, '`input.outputCount` must be 1 to 8; it is 9.'],
    [{ outputCount: 0 }, '`input.outputCount` must be 1 to 8; it is 0.'],
  ])('should refuse input %#', async (wrong, message) => {
    const { ask } = await serve(fakeApp());
    const variables = { input: { requestId: 'r', action: 'image.generate', ...wrong } };
    expect((await ask(GENERATE, { variables })).errors).toMatchObject([
      { message, extensions: { code: 'BAD_USER_INPUT' } },
    ]);
  });

  it('should take settings as deep as allowed', async () => {
    const { ask } = await serve(
      fakeApp({
        generate: () =>
          Promise.resolve({
            kind: 'accepted',
            generation: generationWith(),
            quota: quotaWith(),
            replayed: false,
          }),
      }),
    );
    const variables = { input: { requestId: 'r', action: 'image.generate', settings: deep(7) } };
    expect((await ask(GENERATE, { variables })).errors).toBeUndefined();
  });
});

describe('operators’ mutations', () => {
  const mutations = [
    'putSubscription(input: { accountId: "bob", plan: "core", startedAt: "2026-01-18T09:30:00+01:00" }) { used }',
    'grantGenerations(input: { accountId: "bob", amount: 5, reason: "sorry" }) { used }',
    'restoreGeneration(id: "g", reason: "sorry") { id }',
  ];

  it.each(mutations)('should need the scope: %s', async (mutation) => {
    const { ask } = await serve(fakeApp());
    expect((await ask(`mutation { ${mutation} }`)).errors?.[0]).toMatchObject({
      message: expect.stringContaining('genquota:operator') as string,
      extensions: { code: 'FORBIDDEN' },
    });
    expect(
      (await ask(`mutation { ${mutation} }`, { token: null })).errors?.[0]?.extensions.code,
    ).toBe('UNAUTHENTICATED');
  });

  it('should hand on what the operator said', async () => {
    const calls: unknown[] = [];
    const { ask } = await serve(
      fakeApp({
        putSubscription: (request) => Promise.resolve(calls.push(request)).then(() => quotaWith()),
        grantGenerations: (request) => Promise.resolve(calls.push(request)).then(() => quotaWith()),
        restoreGeneration: (...args) =>
          Promise.resolve(calls.push(args)).then(() => generationWith()),
      }),
    );
    for (const mutation of mutations) {
      expect((await ask(`mutation { ${mutation} }`, { token: 'olga!' })).errors).toBeUndefined();
    }
    expect(calls).toEqual([
      {
        account: 'bob',
        plan: 'core',
        startedAt: Date.parse('2026-01-18T08:30:00Z'),
        billingCycle: 'MONTHLY',
        timeZone: 'UTC',
        immediately: false,
      },
      { account: 'bob', amount: 5, reason: 'sorry', operator: 'olga' },
      ['olga', 'g', 'sorry'],
    ]);
  });

  it.each([
    [
      'grantGenerations(input: { accountId: "bob", amount: 0, reason: "x" }) { used }',
      '`input.amount` must be 1 to 1,000,000; it is 0.',
    ],
    [
      'grantGenerations(input: { accountId: "bob", amount: 1, reason: "" }) { used }',
      '`input.reason` must have 1 to 500 characters; it has 0.',
    ],
    [
      'grantGenerations(input: { accountId: "b\\u0000", amount: 1, reason: "x" }) { used }',
      '`input.accountId` must have 1 to 128 printable characters.',
    ],
  ])('should refuse %s', async (mutation, message) => {
    const { ask } = await serve(fakeApp());
    expect((await ask(`mutation { ${mutation} }`, { token: 'olga!' })).errors).toMatchObject([
      { message, extensions: { code: 'BAD_USER_INPUT' } },
    ]);
  });
});

describe('people’s mutations', () => {
  it('should change the token’s own plan and cancel its own generation', async () => {
    const calls: unknown[] = [];
    const { ask } = await serve(
      fakeApp({
        changePlan: (...args) => Promise.resolve(calls.push(args)).then(() => quotaWith()),
        cancel: (account, id) => {
          calls.push([account, id]);
          throw new Fault('NOT_FOUND', 'There is no generation with this id. Check the id.');
        },
      }),
    );
    expect(
      (await ask('mutation { changePlan(input: { plan: "ultimate" }) { used } }')).data,
    ).toEqual({ changePlan: { used: 3 } });
    expect((await ask('mutation { cancelGeneration(id: "theirs") { id } }')).errors).toMatchObject([
      {
        message: 'There is no generation with this id. Check the id.',
        extensions: { code: 'NOT_FOUND' },
      },
    ]);
    expect(calls).toEqual([
      ['ada', 'ultimate'],
      ['ada', 'theirs'],
    ]);
  });
});
