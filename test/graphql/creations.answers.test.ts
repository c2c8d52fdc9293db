import type { Generation, Output } from '../../src/domain/generation.js';
import { readExportLink, readOutputLink, readUploadLink } from '../../src/links.js';
import type { VerifiedLink } from '../../src/links.js';
import {
  fakeApp,
  generationWith,
  NOW,
  quotaWith,
  serve,
  stopAll,
  type Harness,
} from './harness.js';

afterEach(stopAll);

const [OUTPUT] = generationWith().outputs as [Output];
const DAY = '2026-03-01';

/** What a link of this server opens; it fails for one that opens nothing. */
function linkIn({ url, links }: Harness, text: unknown): VerifiedLink {
  const { origin, pathname, searchParams } = new URL(String(text));
  expect(origin).toBe(url);
  const link = links.verify(pathname, searchParams);
  if (typeof link === 'string') throw new Error(`the link is ${link}`);
  return link;
}

describe('links of outputs', () => {
  const QUERY = `{ generation(id: "g") { outputs {
    shown: url kept: url(download: true) thumbnailUrl } } }`;

  async function linksOf(output: Partial<Output>) {
    const generation = generationWith({ outputs: [{ ...OUTPUT, ...output }] });
    const server = await serve(fakeApp({ generation: () => Promise.resolve(generation) }));
    const { data } = await server.ask(QUERY);
    const { outputs } = data?.generation as unknown as { outputs: Record<string, unknown>[] };
    return { server, links: outputs[0]! };
  }

  it('should show the file, save it, or show it small, under a name of its own each', async () => {
    const { server, links } = await linksOf({ thumbnailKey: 'd1g/g1/0-small.webp' });
    const opened = (link: unknown) => readOutputLink(linkIn(server, link));
    const stem = `image-generate-${DAY}-00000001-1`;
    const file = { key: OUTPUT.key, name: `${stem}.png` };
    expect(opened(links.shown)).toEqual({ ...file, download: false });
    expect(opened(links.kept)).toEqual({ ...file, download: true });
    const small = { key: 'd1g/g1/0-small.webp', name: `${stem}-small.webp` };
    expect(opened(links.thumbnailUrl)).toEqual({ ...small, download: false });
  });

  it('should be none of a small picture where there is none', async () => {
    const { links } = await linksOf({ thumbnailKey: null });
    expect(links.thumbnailUrl).toBeNull();
  });
});

describe('where an upload is sent', () => {
  const UPLOAD = `mutation { uploadReference(input: { requestId: "r", contentType: "image/webp", bytes: 5 }) {
    __typename
    ... on UploadAccepted { replayed upload { url method contentType maxBytes expiresAt } }
    ... on QuotaExhausted { quota { used } } } }`;

  const accepting = (changes: Partial<Generation>, replayed = false) => {
    const { free } = fakeApp();
    const generation = generationWith({ outputs: [], ...changes });
    const answer = { kind: 'accepted' as const, generation, quota: quotaWith(), replayed };
    return serve(fakeApp({ free: { ...free, upload: () => Promise.resolve(answer) } }));
  };

  it('should be said with the time it may take', async () => {
    const deadlineAt = NOW + 300_000;
    const server = await accepting({ status: 'RUNNING', finishedAt: null, deadlineAt });
    const { data } = await server.ask(UPLOAD);
    const { upload } = data?.uploadReference as unknown as { upload: Record<string, unknown> };
    expect(upload).toEqual({
      url: expect.any(String) as string,
      method: 'PUT',
      contentType: 'image/webp',
      maxBytes: 20_971_520,
      expiresAt: new Date(deadlineAt).toISOString(),
    });
    const link = linkIn(server, upload.url);
    expect(readUploadLink(link)).toBe(generationWith().id);
    expect(link.expiresAt).toBe(deadlineAt);
  });

  it.each(['SUCCEEDED', 'EXPIRED', 'CANCELLED'] as const)(
    'should not be said of one that is %s',
    async (status) => {
      const { ask } = await accepting({ status }, true);
      expect((await ask(UPLOAD)).data).toEqual({
        uploadReference: { __typename: 'UploadAccepted', replayed: true, upload: null },
      });
    },
  );

  it('should be the quota instead where a rule counts it and nothing remains', async () => {
    const exhausted = { kind: 'exhausted' as const, quota: quotaWith({ used: 12 }), upgrades: [] };
    const upload = () => Promise.resolve(exhausted);
    const { ask } = await serve(fakeApp({ free: { ...fakeApp().free, upload } }));
    expect((await ask(UPLOAD)).data).toEqual({
      uploadReference: { __typename: 'QuotaExhausted', quota: { used: 12 } },
    });
  });
});

describe('what was enhanced', () => {
  it.each(['a red fox at dawn', null])('should be answered: %j', async (prompt) => {
    const answer = { kind: 'accepted' as const, quota: quotaWith(), replayed: false, prompt };
    const enhance = () => Promise.resolve({ ...answer, generation: generationWith() });
    const { ask } = await serve(fakeApp({ free: { ...fakeApp().free, enhance } }));
    const query = `mutation { enhancePrompt(input: { requestId: "r", prompt: "fox" }) {
      ... on PromptEnhanced { prompt generation { id } } } }`;
    expect((await ask(query)).data).toEqual({
      enhancePrompt: { prompt, generation: { id: generationWith().id } },
    });
  });
});

describe('a deletion of one generation', () => {
  it('should answer the id that is gone', async () => {
    const { ask } = await serve(fakeApp({ deleteGeneration: () => Promise.resolve() }));
    expect((await ask('mutation { deleteGeneration(id: "g") }')).data).toEqual({
      deleteGeneration: 'g',
    });
  });
});

describe('everything about an account', () => {
  it('should be a link for a quarter of an hour, for the token’s account alone', async () => {
    const server = await serve(fakeApp());
    const query = 'mutation { exportMyData { url expiresAt } }';
    const { data } = await server.ask(query, { token: 'bob' });
    const { url, expiresAt } = data?.exportMyData as unknown as Record<string, string>;
    expect(expiresAt).toBe('2026-03-01T12:15:00.000Z');
    const link = linkIn(server, url);
    expect(readExportLink(link)).toBe('bob');
    expect(link.expiresAt).toBe(NOW + 900_000);
    const { errors } = await server.ask(query, { token: null });
    expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  });

  const deletion = (account: string, reason: string) => ({
    query:
      'mutation ($account: ID!, $reason: String!) { deleteAccount(accountId: $account, reason: $reason) { done } }',
    variables: { account, reason },
  });

  it('should be deleted by an operator, who hears when there is more to do', async () => {
    const asked: unknown[][] = [];
    const { ask } = await serve(
      fakeApp({
        deleteAccount: (...all) => Promise.resolve({ done: asked.push(all) > 1 }),
      }),
    );
    const { query, variables } = deletion('bob', 'x'.repeat(500));
    const answers = [
      await ask(query, { variables, token: 'olga!' }),
      await ask(query, { variables, token: 'olga!' }),
    ];
    expect(answers.map(({ data }) => data)).toEqual([
      { deleteAccount: { done: false } },
      { deleteAccount: { done: true } },
    ]);
    expect(asked).toEqual(Array(2).fill(['olga', 'bob', 'x'.repeat(500)]));
  });

  it.each([
    ['bob', 'asked to', 'bob', 'FORBIDDEN'],
    ['bob', 'asked to', null, 'UNAUTHENTICATED'],
    ['bob', '', 'olga!', 'BAD_USER_INPUT'],
    ['bob', 'x'.repeat(501), 'olga!', 'BAD_USER_INPUT'],
    ['bob', 'a \udc00 reason', 'olga!', 'BAD_USER_INPUT'],
    ['', 'asked to', 'olga!', 'BAD_USER_INPUT'],
    ['b'.repeat(129), 'asked to', 'olga!', 'BAD_USER_INPUT'],
  ])('should not be deleted: %j, %j as %j', async (account, reason, token, code) => {
    const { ask } = await serve(fakeApp());
    const { query, variables } = deletion(account, reason);
    const { errors } = await ask(query, { variables, token });
    expect(errors).toMatchObject([{ extensions: { code } }]);
  });
});
