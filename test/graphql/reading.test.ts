import { entryWith, fakeApp, generationWith, NOW, quotaWith, serve, stopAll } from './harness.js';

afterEach(stopAll);

describe('reading over HTTP', () => {
  it('should answer the quota of the token’s account', async () => {
    const asked: string[] = [];
    const { ask } = await serve(
      fakeApp({
        quota: (account) => {
          asked.push(account);
          return Promise.resolve(quotaWith({ pending: { plan: 'ultimate', at: NOW } }));
        },
      }),
    );
    const answer = await ask(
      '{ quota { plan { id name unlimited limit effectiveFrom } unlimited limit remaining used held granted periodStart resetsAt revision pendingPlan { plan { id unlimited limit } at } } }',
    );
    expect(asked).toEqual(['ada']);
    expect(answer).toEqual({
      status: 200,
      data: {
        quota: {
          plan: {
            id: 'core',
            name: 'Core',
            unlimited: false,
            limit: 10,
            effectiveFrom: '2026-02-25T00:00:00.000Z',
          },
          unlimited: false,
          limit: 10,
          remaining: 9,
          used: 3,
          held: 1,
          granted: 2,
          periodStart: '2026-02-18T09:30:00.000Z',
          resetsAt: '2026-03-18T09:30:00.000Z',
          revision: '4294967301',
          pendingPlan: {
            plan: { id: 'ultimate', unlimited: true, limit: null },
            at: '2026-03-01T12:00:00.000Z',
          },
        },
      },
    });
  });

  it('should answer null for limit and remaining of an unlimited quota, and never less than 0 remaining', async () => {
    const quotas = [quotaWith({ plan: 'ultimate', limit: null }), quotaWith({ used: 50 })];
    const { ask } = await serve(fakeApp({ quota: () => Promise.resolve(quotas.shift()!) }));
    const query = '{ quota { unlimited limit remaining } }';
    expect((await ask(query)).data).toEqual({
      quota: { unlimited: true, limit: null, remaining: null },
    });
    expect((await ask(query)).data).toEqual({
      quota: { unlimited: false, limit: 10, remaining: 0 },
    });
  });

  it('should answer plans and actions without a token', async () => {
    const { ask } = await serve(fakeApp());
    const answer = await ask('{ plans { id } actions { id kind metered cost } }', { token: null });
    expect(answer.data).toEqual({
      plans: [{ id: 'core' }, { id: 'ultimate' }],
      actions: [{ id: 'image.generate', kind: 'image', metered: true, cost: 1 }],
    });
  });

  it('should answer a generation with its charge, outputs and the bound of its restoration', async () => {
    const { ask } = await serve(
      fakeApp({
        generation: () => Promise.resolve(generationWith()),
        entries: () =>
          Promise.resolve([
            entryWith(),
            entryWith({ kind: 'POST', at: NOW + 1_000 }),
            // No line of a charge: it is left out.
            entryWith({ kind: 'GRANT' }),
          ]),
      }),
    );
    const answer = await ask(
      '{ generation(id: "x") { id action { id } prompt settings status charge { status units rule entries { id kind } } outputs { id url contentType bytes width height durationMs } failure { code } createdAt finishedAt restoreBy } }',
    );
    const id = generationWith().id;
    expect(answer.data).toEqual({
      generation: {
        id,
        action: { id: 'image.generate' },
        prompt: 'a fox',
        settings: { style: 'ink' },
        status: 'SUCCEEDED',
        charge: {
          status: 'POSTED',
          units: 1,
          rule: 'rule-1',
          entries: [
            { id: `${id}.hold`, kind: 'HOLD' },
            { id: `${id}.post`, kind: 'POST' },
          ],
        },
        outputs: [
          {
            id: `${id}.0`,
            url: expect.stringMatching(
              /^http:\/\/127.*\/outputs\/d1g\/g1\/0\.png\?name=image-generate-2026-03-01-00000001-1\.png&expires=/,
            ) as string,
            contentType: 'image/png',
            bytes: 5,
            width: 8,
            height: 9,
            durationMs: null,
          },
        ],
        failure: null,
        createdAt: '2026-03-01T12:00:00.000Z',
        finishedAt: '2026-03-01T12:00:01.000Z',
        restoreBy: '2026-03-01T14:00:00.000Z',
      },
    });
  });

  it('should still show a generation whose action or plan has left the catalogue', async () => {
    const { ask } = await serve(
      fakeApp({
        quota: () => Promise.resolve(quotaWith({ plan: 'gone' })),
        generation: () => Promise.resolve(generationWith({ action: 'hologram.generate' })),
      }),
    );
    expect(
      (await ask('{ quota { plan { id limit } } generation(id: "x") { action { id kind cost } } }'))
        .data,
    ).toEqual({
      quota: { plan: { id: 'gone', limit: 10 } },
      generation: { action: { id: 'hologram.generate', kind: 'hologram', cost: 1 } },
    });
  });

  it('should page through the history, reading the entries of a page by one call', async () => {
    const [first, second] = ['1', '2'].map((n) =>
      generationWith({ id: `019587a0-0000-7000-8000-00000000000${n}` }),
    );
    const pages: [number, string | null][] = [];
    const entryCalls: (readonly string[])[] = [];
    const { ask } = await serve(
      fakeApp({
        generations: (_account, count, after) => {
          pages.push([count, after]);
          return Promise.resolve({
            generations: after ? [] : [first!, second!],
            hasNextPage: after === null,
          });
        },
        entries: (_account, ids) => {
          entryCalls.push(ids);
          return Promise.resolve(ids.map((subject) => entryWith({ subject })));
        },
      }),
    );
    const query = `query ($first: Int, $after: String) { generations(first: $first, after: $after) {
      edges { cursor node { id charge { entries { id } } } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`;
    const page = (await ask(query)).data as unknown as {
      generations: { edges: { cursor: string; node: object }[]; pageInfo: { endCursor: string } };
    };
    expect(page.generations.edges.map(({ node }) => node)).toEqual(
      [first!, second!].map(({ id }) => ({ id, charge: { entries: [{ id: `${id}.hold` }] } })),
    );
    expect(entryCalls).toEqual([[first!.id, second!.id]]);
    expect(page.generations.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
    const rest = await ask(query, {
      variables: { first: 5, after: page.generations.pageInfo.endCursor },
    });
    expect(rest.data).toEqual({
      generations: {
        edges: [],
        pageInfo: { hasNextPage: false, hasPreviousPage: true, startCursor: null, endCursor: null },
      },
    });
    expect(pages).toEqual([
      [20, null],
      [5, second!.id],
    ]);
  });

  it.each([
    ['generations(first: 0) { edges { cursor } }', '`first` must be 1 to 100; it is 0.'],
    ['generations(first: 101) { edges { cursor } }', '`first` must be 1 to 100; it is 101.'],
    ['generations(after: "!!") { edges { cursor } }', '`after` is not a cursor of this list.'],
    ['generation(id: "") { id }', '`id` must have 1 to 255 characters; it has 0.'],
  ])('should refuse %s', async (field, message) => {
    const { ask } = await serve(fakeApp());
    const { errors } = await ask(`{ ${field} }`);
    expect(errors?.[0]?.message).toContain(message);
    expect(errors?.[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT' });
  });
});
