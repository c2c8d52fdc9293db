import { request } from 'node:http';
import { Fault } from '../../src/domain/fault.js';
import { fakeApp, serve, stopAll } from './harness.js';

afterEach(stopAll);

describe('errors over HTTP', () => {
  it('should need a token for what belongs to an account', async () => {
    const { ask } = await serve(fakeApp());
    const answer = await ask('{ quota { used } }', { token: null });
    expect(answer.status).toBe(200);
    expect(answer.errors).toMatchObject([
      {
        message: expect.stringContaining('Authorization: Bearer <token>') as string,
        path: ['quota'],
        extensions: { code: 'UNAUTHENTICATED' },
      },
    ]);
  });

  it('should end a request with a bad token as 401, also where none is needed', async () => {
    const { ask, post } = await serve(fakeApp());
    expect(await ask('{ plans { id } }', { token: 'bad' })).toEqual({
      status: 401,
      errors: [{ message: 'The token is not valid.', extensions: { code: 'UNAUTHENTICATED' } }],
    });
    const basic = await post('{"query":"{plans{id}}"}', { authorization: 'Basic eDp5' });
    expect([basic.status, basic.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
  });

  it('should end a request as 503 and retryable when tokens cannot be checked', async () => {
    const { ask } = await serve(fakeApp());
    expect(await ask('{ plans { id } }', { token: 'down' })).toEqual({
      status: 503,
      errors: [
        {
          message: 'The keys cannot be read.',
          extensions: { code: 'UNAVAILABLE', retryable: true },
        },
      ],
    });
  });

  it('should show faults with their code and whether repeating helps', async () => {
    const { ask, logged } = await serve(
      fakeApp({
        quota: () =>
          Promise.reject(
            new Fault('UNAVAILABLE', 'Try again in a moment.', new Error('secret cause')),
          ),
      }),
    );
    expect((await ask('{ quota { used } }')).errors).toEqual([
      {
        message: 'Try again in a moment.',
        path: ['quota'],
        locations: [{ line: 1, column: 3 }],
        extensions: { code: 'UNAVAILABLE', retryable: true },
      },
    ]);
    expect(logged).toMatchObject([
      { level: 'warn', facts: { err: { cause: new Error('secret cause') } } },
    ]);
  });

  it('should mask what was not expected, and log it under the id it answers', async () => {
    const { post, logged } = await serve(
      fakeApp({ quota: () => Promise.reject(new Error('password=hunter2')) }),
    );
    const response = await post('{"query":"{quota{used}}"}', { authorization: 'Bearer ada' });
    const text = await response.text();
    const { errors } = JSON.parse(text) as {
      errors: { message: string; extensions: { code: string; correlationId: string } }[];
    };
    expect(errors[0]?.extensions.code).toBe('INTERNAL_SERVER_ERROR');
    expect(text).not.toMatch(/hunter2|stack|\.ts:/);
    const { correlationId } = errors[0]!.extensions;
    expect(errors[0]?.message).toContain(correlationId);
    expect(logged).toContainEqual({
      level: 'error',
      message: 'a request failed unexpectedly',
      facts: { err: new Error('password=hunter2'), correlationId, path: ['quota'] },
    });
  });

  it('should mask an answer of ours that does not fit the schema', async () => {
    const { ask } = await serve(
      fakeApp({ plans: () => [{ id: 'x', name: 'X', limit: 2 ** 40, effectiveFrom: 0 }] }),
    );
    expect((await ask('{ plans { limit } }', { token: null })).errors?.[0]?.extensions.code).toBe(
      'INTERNAL_SERVER_ERROR',
    );
  });

  it.each([
    ['{ quota { nonsense } }', {}, 400, 'GRAPHQL_VALIDATION_FAILED'],
    ['{ quota {', {}, 400, 'GRAPHQL_PARSE_FAILED'],
    [
      'query ($first: Int) { generations(first: $first) { edges { cursor } } }',
      { first: 'many' },
      400,
      'BAD_USER_INPUT',
    ],
    ['query A { plans { id } } query B { plans { id } }', {}, 400, 'OPERATION_RESOLUTION_FAILURE'],
    ['subscription { quotaChanged { used } }', {}, 400, 'BAD_REQUEST'],
    [
      'mutation { putSubscription(input: { accountId: "b", plan: "core", startedAt: "soon" }) { used } }',
      {},
      400,
      'GRAPHQL_VALIDATION_FAILED',
    ],
  ])('should refuse %s', async (query, variables, status, code) => {
    const { ask } = await serve(fakeApp());
    const answer = await ask(query, { variables });
    expect([answer.status, answer.errors?.[0]?.extensions.code]).toEqual([status, code]);
  });
});

describe('limits of documents over HTTP', () => {
  const nested = `{ __type(name: "Quota") { ${'ofType { '.repeat(16)} name ${'} '.repeat(16)} } }`;
  const page =
    'generations(first: 100) { edges { node { id prompt status createdAt charge { entries { id kind units reason rule at } } outputs { id url contentType bytes width height durationMs } } } }';
  it.each([
    ['depth', nested, "The document's depth is 18; at most 16"],
    [
      'aliases',
      `{ ${Array.from({ length: 21 }, (_, n) => `a${n}: __typename`).join(' ')} }`,
      "The document's aliases is 21; at most 20",
    ],
    [
      'aliases in fragments',
      `{ ...f ...f ...f } fragment f on Query { ${Array.from({ length: 7 }, (_, n) => `a${n}: __typename`).join(' ')} }`,
      "The document's aliases is 21; at most 20",
    ],
    ['cost', `{ a: ${page} b: ${page} c: ${page} }`, "The document's cost is 6"],
    ['tokens', `{ ${'__typename '.repeat(601)} }`, 'Document contains more that 600 tokens'],
  ])('should refuse one over its limit of %s', async (_name, query, message) => {
    const { ask } = await serve(fakeApp());
    const answer = await ask(query);
    expect(answer.status).toBe(400);
    expect(answer.errors?.[0]?.message).toContain(message);
    expect(answer.errors?.[0]?.extensions).toEqual({ code: 'DOCUMENT_REFUSED' });
  });

  it('should count a page by its default, and by the largest when its size is a variable', async () => {
    const { ask } = await serve(
      fakeApp({ generations: () => Promise.resolve({ generations: [], hasNextPage: false }) }),
    );
    const sized = (size: string) => page.replace('(first: 100)', size);
    const three = (size: string) => `a: ${sized(size)} b: ${sized(size)} c: ${sized(size)}`;
    expect((await ask(`{ ${three('')} }`)).errors).toBeUndefined();
    expect(
      (await ask(`query ($n: Int) { ${three('(first: $n)')} }`, { variables: { n: 1 } }))
        .errors?.[0]?.extensions.code,
    ).toBe('DOCUMENT_REFUSED');
  });

  it('should end on a fragment that contains itself', async () => {
    const { ask } = await serve(fakeApp());
    const answer = await ask('{ ...f } fragment f on Query { plans { id } ...f }');
    expect(answer.errors?.[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
  });

  it('should answer introspection unless it is switched off', async () => {
    const query = '{ __schema { queryType { name } } }';
    const open = await serve(fakeApp());
    expect((await open.ask(query)).data).toEqual({ __schema: { queryType: { name: 'Query' } } });
    const shut = await serve(fakeApp(), { introspection: false });
    expect((await shut.ask(query)).status).toBe(400);
    expect((await shut.ask('{ plans { __typename } }')).status).toBe(200);
  });
});

describe('requests over HTTP', () => {
  const query = '{"query":"{plans{id}}"}';

  it('should answer in the media type that was asked for, and queries by GET', async () => {
    const { post, url } = await serve(fakeApp());
    const types = await Promise.all(
      ['application/json', 'application/graphql-response+json', '*/*'].map(async (accept) =>
        (await post(query, { accept })).headers.get('content-type'),
      ),
    );
    expect(types).toEqual([
      'application/json; charset=utf-8',
      'application/graphql-response+json; charset=utf-8',
      'application/json; charset=utf-8',
    ]);
    const got = await fetch(`${url}/graphql?query={plans{id}}`, {
      headers: { 'apollo-require-preflight': '1' },
    });
    expect([got.status, got.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect((await got.json()) as object).toHaveProperty('data.plans');
  });

  it('should refuse what a foreign page could send without asking first', async () => {
    const { post, url } = await serve(fakeApp());
    for (const response of [
      await post(query, { 'content-type': 'text/plain' }),
      await fetch(`${url}/graphql?query={plans{id}}`),
    ]) {
      expect(response.status).toBe(400);
      expect(await response.text()).toContain('Cross-Site Request Forgery');
      expect(response.headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  it('should refuse bodies that are too large, compressed, not JSON, or a batch', async () => {
    const { post, url } = await serve(fakeApp());
    const large = JSON.stringify({ query: `{plans{id}} #${'x'.repeat(256 * 1024)}` });
    expect((await post(large)).status).toBe(413);
    expect(await chunked(url, large)).toBe(413);
    expect((await post(query, { 'content-encoding': 'gzip' })).status).toBe(415);
    const broken = await post('{"query":');
    expect(broken.status).toBe(400);
    expect(await broken.json()).toMatchObject({
      errors: [
        {
          message: expect.stringContaining('not valid JSON') as string,
          extensions: { code: 'BAD_REQUEST' },
        },
      ],
    });
    expect((await post(`[${query}]`)).status).toBe(400);
  });

  it('should take a body of just under its bound', async () => {
    const { post } = await serve(fakeApp());
    const spaces = ' '.repeat(256 * 1024 - query.length);
    expect((await post(query + spaces)).status).toBe(200);
  });

  it('should say which methods it knows', async () => {
    const { url } = await serve(fakeApp());
    const response = await fetch(`${url}/graphql`, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example' },
    });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, POST']);
    expect(
      [...response.headers.keys()].filter((name) => name.startsWith('access-control')),
    ).toEqual([]);
  });

  it('should show pages to browsers and GraphQL to everybody else', async () => {
    const { url } = await serve(fakeApp(), {
      pages: {
        handle: (req, res) => {
          if (req.url?.startsWith('/graphql') !== true && req.url !== '/') return false;
          res.end('a page');
          return Promise.resolve(true);
        },
      },
    });
    const html = { accept: 'text/html,*/*;q=0.8' };
    expect(await (await fetch(`${url}/graphql`, { headers: html })).text()).toBe('a page');
    expect(await (await fetch(`${url}/`)).text()).toBe('a page');
    const headers = { accept: 'application/json', 'content-type': 'application/json' };
    expect(
      await (await fetch(`${url}/graphql?query={plans{id}}`, { headers })).json(),
    ).toHaveProperty('data');
    expect((await fetch(`${url}/nowhere`)).status).toBe(404);
  });

  it('should answer 500 with an id when a page fails', async () => {
    const { url, logged } = await serve(fakeApp(), {
      pages: { handle: () => Promise.reject(new Error('no such file /secret')) },
    });
    const response = await fetch(`${url}/`);
    const text = await response.text();
    expect(response.status).toBe(500);
    expect(text).not.toContain('secret');
    expect(text).toContain(
      String(logged.find(({ level }) => level === 'error')?.facts.correlationId),
    );
  });

  it('should send security headers with every answer', async () => {
    const { url } = await serve(fakeApp());
    for (const path of ['/healthz', '/graphql', '/nowhere']) {
      const { headers } = await fetch(url + path);
      expect([headers.get('x-content-type-options'), headers.get('referrer-policy')]).toEqual([
        'nosniff',
        'no-referrer',
      ]);
    }
  });
});

/** POSTs without announcing a length; answers the status. */
function chunked(url: string, body: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const req = request(
      `${url}/graphql`,
      { method: 'POST', headers: { 'content-type': 'application/json' } },
      (res) => {
        res.resume();
        resolve(res.statusCode);
      },
    );
    req.on('error', reject);
    for (let at = 0; at < body.length; at += 65_536) req.write(body.slice(at, at + 65_536));
    req.end();
  });
}
