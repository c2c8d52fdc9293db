import type { App } from '../../src/app.js';
import { fakeApp, generationWith, NOW, quotaWith, serve, stopAll } from './harness.js';
import { itemWith, membership } from './workspaces.samples.js';

afterEach(stopAll);

const ID = generationWith().id;
const accepted = {
  kind: 'accepted' as const,
  generation: generationWith({ status: 'RUNNING', outputs: [] }),
  quota: quotaWith(),
  replayed: false,
};

/** A server whose app answers everything about creations, and what the app was asked, in order. */
async function begin(changes: Partial<App> = {}) {
  const asked: unknown[][] = [];
  const noted =
    <T>(name: string, answer: T) =>
    (...all: unknown[]): Promise<T> => {
      asked.push([name, ...all]);
      return Promise.resolve(answer);
    };
  const app = fakeApp({
    generation: noted('generation', generationWith()),
    generations: noted('generations', { generations: [generationWith()], hasNextPage: false }),
    refine: noted('refine', accepted),
    free: {
      upload: noted('upload', accepted),
      crop: noted('crop', accepted),
      enhance: noted('enhance', { ...accepted, prompt: 'a red fox' }),
    },
    usage: noted('usage', []),
    deleteGeneration: noted('deleteGeneration', undefined),
    deleteAccount: noted('deleteAccount', { done: false }),
    ...changes,
  });
  app.workspaces.get = noted('workspace', membership);
  app.workspaces.item = noted('item', itemWith());
  return { ...(await serve(app)), asked };
}

/** A document of one field, whose input is a variable: texts of any length fit in. */
const mutation = (field: string, input: object) => {
  const type = `${field.charAt(0).toUpperCase()}${field.slice(1)}Input!`.replace(
    'RefineGenerationInput',
    'RefineInput',
  );
  return {
    query: `mutation ($input: ${type}) { ${field}(input: $input) { __typename } }`,
    variables: { input },
  };
};
const history = (args: string, filter: object) => ({
  query: `query ($filter: GenerationFilter) { generations(filter: $filter${args}) { edges { cursor } } }`,
  variables: { filter },
});
const plain = (query: string) => ({ query, variables: {} });

const long = (length: number) => 'x'.repeat(length);
const cursor = Buffer.from(ID).toString('base64url');
const SHA256 = 'ab'.repeat(32);
const UPLOAD = { requestId: 'r', contentType: 'image/png', bytes: 1 };
const CROP = { requestId: 'r', input: 'g.0', x: 0, y: 0, width: 1, height: 1 };
const FAR = { x: 65_535, y: 65_535, width: 65_535, height: 65_535 };

describe('what the app is asked', () => {
  const listed = (query: object, first = 20, after: string | null = null) => [
    ['generations', 'ada', first, after, query],
  ];
  it.each([
    ['no filter', plain('{ generations { edges { cursor } } }'), listed({})],
    ['the least of a page', history(', first: 1', {}), listed({}, 1)],
    ['the most of a page', history(', first: 100', {}), listed({}, 100)],
    ['where to go on', history(`, after: "${cursor}"`, {}), listed({}, 20, ID)],
    ['an action', history('', { action: 'image.edit' }), listed({ action: 'image.edit' })],
    ['a kind', history('', { kind: 'video' }), listed({ kind: 'video' })],
    ['a status', history('', { status: 'FAILED' }), listed({ status: 'FAILED' })],
    ['a beginning', history('', { from: '2026-03-01T13:00:00+01:00' }), listed({ from: NOW })],
    ['an end', history('', { to: '2026-03-01T12:00:00Z' }), listed({ to: NOW })],
    ['a workspace', history('', { workspace: 'ws_1' }), listed({ workspace: 'ws_1' })],
    ['words', history('', { text: long(200) }), listed({ text: long(200) })],
    [
      'a whole filter',
      history('', { action: 'a', kind: 'k', status: 'QUEUED', workspace: 'w', text: 't' }),
      listed({ action: 'a', kind: 'k', status: 'QUEUED', workspace: 'w', text: 't' }),
    ],
    ['a filter of nulls', history('', { action: null, from: null, to: null }), listed({})],
    ['one period', plain('{ usage { plan } }'), [['usage', 'ada', 1]]],
    ['all periods', plain('{ usage(first: 24) { plan } }'), [['usage', 'ada', 24]]],
    [
      'a deletion',
      plain(`mutation { deleteGeneration(id: "${ID}") }`),
      [['deleteGeneration', 'ada', ID]],
    ],
    [
      'the least of a refinement',
      mutation('refineGeneration', { requestId: 'r', generation: 'g' }),
      [['refine', 'ada', { requestId: 'r', generation: 'g' }]],
    ],
    [
      'a refinement of nulls',
      mutation('refineGeneration', { requestId: 'r', generation: 'g', prompt: null, inputs: null }),
      [['refine', 'ada', { requestId: 'r', generation: 'g' }]],
    ],
    ...[
      { requestId: 'r', generation: 'g', action: 'a', prompt: '', settings: {}, inputs: [] },
      {
        ...{ requestId: long(255), generation: long(255), action: long(255), prompt: long(16_000) },
        ...{ settings: { a: 1 }, inputs: Array<string>(8).fill(long(255)), outputCount: 8 },
      },
    ].map((request): [string, ReturnType<typeof mutation>, unknown[][]] => [
      'a whole refinement',
      mutation('refineGeneration', request),
      [['refine', 'ada', request]],
    ]),
    [
      'an upload',
      mutation('uploadReference', UPLOAD),
      [['upload', 'ada', { ...UPLOAD, sha256: null }]],
    ],
    [
      'the largest upload, its checksum in capitals',
      mutation('uploadReference', { ...UPLOAD, bytes: 20_971_520, sha256: SHA256.toUpperCase() }),
      [['upload', 'ada', { ...UPLOAD, bytes: 20_971_520, sha256: SHA256 }]],
    ],
    ['a crop at the corner', mutation('cropImage', CROP), [['crop', 'ada', CROP]]],
    [
      'a far crop',
      mutation('cropImage', { ...CROP, ...FAR }),
      [['crop', 'ada', { ...CROP, ...FAR }]],
    ],
    [
      'a short prompt',
      mutation('enhancePrompt', { requestId: 'r', prompt: 'x' }),
      [['enhance', 'ada', { requestId: 'r', prompt: 'x', settings: null }]],
    ],
    [
      'a long prompt',
      mutation('enhancePrompt', { requestId: 'r', prompt: long(2_000), settings: { a: 'b' } }),
      [['enhance', 'ada', { requestId: 'r', prompt: long(2_000), settings: { a: 'b' } }]],
    ],
  ])('should be as it was said: %s', async (_what, { query, variables }, calls) => {
    const { ask, asked } = await begin();
    expect((await ask(query, { variables })).errors).toBeUndefined();
    expect(asked).toEqual(calls);
  });

  it('should be whose children, how many and from where', async () => {
    const { ask, asked } = await begin();
    const query = `{ generation(id: "${ID}") {
      few: children { pageInfo { hasPreviousPage } }
      many: children(first: 100, after: "${cursor}") { pageInfo { hasPreviousPage } }
    } }`;
    expect((await ask(query)).data).toEqual({
      generation: {
        few: { pageInfo: { hasPreviousPage: false } },
        many: { pageInfo: { hasPreviousPage: true } },
      },
    });
    expect(asked.slice(1)).toEqual([
      ['generations', 'ada', 10, null, { parent: ID }],
      ['generations', 'ada', 100, ID, { parent: ID }],
    ]);
  });

  it.each([
    ['ws_1', 'workspace', 'Workspace'],
    ['item_1', 'item', 'WorkspaceItem'],
    [ID, 'generation', 'Generation'],
  ])('should be what the id of a node says: %s', async (id, name, type) => {
    const { ask, asked } = await begin();
    const { data } = await ask(`{ node(id: "${id}") { __typename } }`);
    expect(data).toEqual({ node: { __typename: type } });
    expect(asked).toEqual([[name, 'ada', id]]);
  });
});

describe('what is refused before the app is asked', () => {
  const children = (args: string) =>
    plain(`{ generation(id: "g") { children(${args}) { edges { cursor } } } }`);
  const refined = (changes: object) =>
    mutation('refineGeneration', { requestId: 'r', generation: 'g', ...changes });
  const upload = (changes: object) => mutation('uploadReference', { ...UPLOAD, ...changes });
  const crop = (changes: object) => mutation('cropImage', { ...CROP, ...changes });
  const enhanced = (changes: object) =>
    mutation('enhancePrompt', { requestId: 'r', prompt: 'a fox', ...changes });
  const LONG_ID = long(256);
  const characters = (least: number, most: string, has: string | number) =>
    `must have ${least} to ${most} characters; it has ${has}.`;
  const id = (has: number) => characters(1, '255', has);
  const DIGITS = 'must be 64 hexadecimal digits.';
  const UNICODE = 'must be well-formed Unicode.';
  const half = 'a \ud800 fox';

  const refused = [
    [history(', first: 0', {}), 'first', 'must be 1 to 100; it is 0.'],
    [history(', first: 101', {}), 'first', 'must be 1 to 100; it is 101.'],
    [history(', after: "!"', {}), 'after', 'is not a cursor of this list.'],
    [history('', { action: '' }), 'filter.action', id(0)],
    [history('', { kind: LONG_ID }), 'filter.kind', id(256)],
    [history('', { workspace: LONG_ID }), 'filter.workspace', id(256)],
    [history('', { text: '' }), 'filter.text', characters(1, '200', 0)],
    [history('', { text: long(201) }), 'filter.text', characters(1, '200', 201)],
    [history('', { text: half }), 'filter.text', UNICODE],
    [history('', { kind: half }), 'filter.kind', UNICODE],
    [children('first: 0'), 'first', 'must be 1 to 100; it is 0.'],
    [children('first: 101'), 'first', 'must be 1 to 100; it is 101.'],
    [children('after: "!"'), 'after', 'is not a cursor of this list.'],
    [plain('{ usage(first: 0) { plan } }'), 'first', 'must be 1 to 24; it is 0.'],
    [plain('{ usage(first: 25) { plan } }'), 'first', 'must be 1 to 24; it is 25.'],
    [plain(`{ node(id: "${LONG_ID}") { id } }`), 'id', id(256)],
    [plain('mutation { deleteGeneration(id: "") }'), 'id', id(0)],
    [refined({ requestId: '' }), 'input.requestId', id(0)],
    [refined({ generation: LONG_ID }), 'input.generation', id(256)],
    [refined({ action: '' }), 'input.action', id(0)],
    [refined({ prompt: long(16_001) }), 'input.prompt', characters(0, '16,000', '16,001')],
    [refined({ prompt: half }), 'input.prompt', UNICODE],
    [refined({ settings: [] }), 'input.settings', 'must be a JSON object'],
    [refined({ inputs: Array(9).fill('i') }), 'input.inputs', 'must hold 0 to 8 ids; it holds 9.'],
    [refined({ inputs: [half] }), 'input.inputs[0]', UNICODE],
    [refined({ outputCount: 0 }), 'input.outputCount', 'must be 1 to 8; it is 0.'],
    [refined({ outputCount: 9 }), 'input.outputCount', 'must be 1 to 8; it is 9.'],
    [upload({ requestId: LONG_ID }), 'input.requestId', id(256)],
    [upload({ contentType: half }), 'input.contentType', UNICODE],
    [upload({ bytes: 0 }), 'input.bytes', 'must be 1 to 20,971,520; it is 0.'],
    [upload({ bytes: 20_971_521 }), 'input.bytes', 'must be 1 to 20,971,520; it is 20971521.'],
    [upload({ sha256: '' }), 'input.sha256', DIGITS],
    [upload({ sha256: `${SHA256}0` }), 'input.sha256', DIGITS],
    [upload({ sha256: `${SHA256.slice(1)}g` }), 'input.sha256', DIGITS],
    [crop({ input: '' }), 'input.input', id(0)],
    [crop({ x: -1 }), 'input.x', 'must be 0 to 65,535; it is -1.'],
    [crop({ y: -1 }), 'input.y', 'must be 0 to 65,535; it is -1.'],
    [crop({ x: 65_536 }), 'input.x', 'must be 0 to 65,535; it is 65536.'],
    [crop({ y: 65_536 }), 'input.y', 'must be 0 to 65,535; it is 65536.'],
    [crop({ width: 0 }), 'input.width', 'must be 1 to 65,535; it is 0.'],
    [crop({ height: 0 }), 'input.height', 'must be 1 to 65,535; it is 0.'],
    [crop({ width: 65_536 }), 'input.width', 'must be 1 to 65,535; it is 65536.'],
    [crop({ height: 65_536 }), 'input.height', 'must be 1 to 65,535; it is 65536.'],
    [enhanced({ prompt: '' }), 'input.prompt', characters(1, '2,000', 0)],
    [enhanced({ prompt: long(2_001) }), 'input.prompt', characters(1, '2,000', '2,001')],
    [enhanced({ prompt: half }), 'input.prompt', UNICODE],
    [enhanced({ requestId: half }), 'input.requestId', UNICODE],
    [enhanced({ settings: 'ink' }), 'input.settings', 'must be a JSON object'],
  ] as const;
  const named = refused.map(([document, argument, rule]) => [argument, rule, document] as const);
  it.each(named)('should name %s, which %s', async (argument, rule, { query, variables }) => {
    const { ask, asked } = await begin();
    const { errors } = await ask(query, { variables });
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    expect(errors?.[0]?.message).toContain(`\`${argument}\` ${rule}`);
    expect(asked.filter(([name]) => name !== 'generation')).toEqual([]);
  });
});
