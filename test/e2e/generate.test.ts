import { colours, decodePng, difference } from '../decode-png.js';
import { MODES } from '../world/world.js';
import {
  ended,
  GENERATE,
  GENERATION,
  input,
  QUOTA,
  startGateway,
  type Data,
  type Gateway,
} from './gateway.js';

describe.each(MODES)('the gateway as its users meet it, %s', (mode) => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await startGateway(mode, { GENERATION_DEADLINE: '2s' });
  });
  afterAll(() => gateway.stop());

  const sketch = (outcome: string, more = {}) => ({ settings: { sketch: { outcome, ...more } } });

  it('should make real pictures, downloadable by signed links only', async () => {
    const ada = await gateway.as('ada');
    const generation = await ended(ada, { outputCount: 3 });
    expect(generation).toMatchObject({
      status: 'SUCCEEDED',
      charge: { status: 'POSTED', units: 1, rule: '2026-02-25' },
    });
    const pictures = await Promise.all(
      generation.outputs.map(async ({ url, contentType, bytes }: Data) => {
        const response = await fetch(url as string);
        expect(response.headers.get('content-type')).toBe(contentType);
        const body = new Uint8Array(await response.arrayBuffer());
        expect(body).toHaveLength(bytes as number);
        return decodePng(body);
      }),
    );
    expect(pictures).toHaveLength(3);
    for (const picture of pictures) {
      expect(picture).toMatchObject({ width: 512, height: 512 });
      expect(colours(picture)).toBeGreaterThan(50);
    }
    expect(difference(pictures[0], pictures[1])).toBeGreaterThan(0.1);
    const [{ url }] = generation.outputs;
    for (const wrong of [url.replace('/0-', '/1-'), url.replace(/signature=.*/, '')]) {
      expect((await fetch(wrong as string)).status).toBe(403);
    }
    expect((await ada.ask(QUOTA)).quota).toMatchObject({ remaining: 9, used: 1, held: 0 });
  });

  it.each([
    ['fail', 'FAILED', 'PROVIDER_FAILED'],
    ['block', 'BLOCKED', 'BLOCKED'],
    ['hang', 'EXPIRED', 'TIMED_OUT'],
  ])('should restore what was told to %s, and say why', async (outcome, status, code) => {
    const caller = await gateway.as(`told-to-${outcome}`);
    const generation = await ended(caller, sketch(outcome));
    expect(generation).toMatchObject({
      status,
      failure: { code },
      charge: { status: 'RESTORED', entries: [{ kind: 'HOLD' }, { kind: 'RESTORE' }] },
      outputs: [],
    });
    expect((await caller.ask(QUOTA)).quota).toMatchObject({ remaining: 10, used: 0, held: 0 });
  });

  it('should count a partly delivered one as one', async () => {
    const caller = await gateway.as('partly');
    const generation = await ended(caller, { ...sketch('partial'), outputCount: 4 });
    expect(generation.outputs).toHaveLength(2);
    expect((await caller.ask(QUOTA)).quota).toMatchObject({ remaining: 9 });
  });

  it('should refuse the eleventh of Core with the reset date and what to upgrade to', async () => {
    const caller = await gateway.as('busy');
    const answers = await Promise.all(
      Array.from({ length: 60 }, () => caller.ask(GENERATE, { input: input() })),
    );
    const refused = answers.filter(({ generate }) => generate.__typename === 'QuotaExhausted');
    expect(refused).toHaveLength(50);
    const { quota } = await caller.ask(QUOTA);
    expect(refused[0].generate).toMatchObject({
      message: expect.stringMatching(/10/) as string,
      resetsAt: quota.resetsAt,
      upgrades: [
        { id: 'plus', limit: 100 },
        { id: 'ultimate', limit: null },
      ],
    });
    if (mode === 'embedded') {
      const upgraded = await caller.ask(
        'mutation { changePlan(input: { plan: "plus" }) { remaining plan { id } resetsAt } }',
      );
      expect(upgraded.changePlan).toEqual({
        remaining: 90,
        plan: { id: 'plus' },
        resetsAt: quota.resetsAt,
      });
      expect((await caller.ask(GENERATE, { input: input() })).generate.__typename).toBe(
        'GenerationAccepted',
      );
    }
  });

  it('should keep people from operator mutations and from each other', async () => {
    const [ada, eve] = await Promise.all([gateway.as('owner'), gateway.as('eve')]);
    const { id } = await ended(ada, {});
    expect(await eve.ask(GENERATION, { id })).toEqual({ generation: null });
    await expect(
      eve.ask(`mutation { cancelGeneration(id: "${id}") { id } }`),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' });
    for (const mutation of [
      `grantGenerations(input: { accountId: "eve", amount: 5, reason: "please" }) { remaining }`,
      `restoreGeneration(id: "${id}", reason: "please") { id }`,
      `putSubscription(input: { accountId: "eve", plan: "ultimate", startedAt: "2026-03-01T00:00:00Z" }) { remaining }`,
      ...(mode === 'service' ? [`changePlan(input: { plan: "ultimate" }) { remaining }`] : []),
    ]) {
      await expect(eve.ask(`mutation { ${mutation} }`)).rejects.toMatchObject({
        code: 'FORBIDDEN',
      });
    }
  });

  it('should let an operator subscribe, grant and restore', async () => {
    const operator = await gateway.as('support', { operator: true });
    const person = await gateway.as('annual');
    const put = `mutation { putSubscription(input: { accountId: "annual", plan: "plus",
      startedAt: "2026-01-31T09:30:00Z", billingCycle: ANNUAL, timeZone: "Europe/Berlin" }) { limit remaining periodStart } }`;
    expect((await operator.ask(put)).putSubscription).toMatchObject({ limit: 100, remaining: 100 });
    const { id } = await ended(person, {});
    const grant = `mutation { grantGenerations(input: { accountId: "annual", amount: 5, reason: "sorry" }) { granted remaining } }`;
    expect((await operator.ask(grant)).grantGenerations).toEqual({ granted: 5, remaining: 104 });
    const restore = `mutation { restoreGeneration(id: "${id}", reason: "it was blank") { charge { status } } }`;
    for (let i = 0; i < 2; i++) {
      expect((await operator.ask(restore)).restoreGeneration.charge.status).toBe('RESTORED');
    }
    expect((await person.ask(QUOTA)).quota).toMatchObject({ used: 0, remaining: 105 });
    // Saying it again changes nothing; a downgrade waits for the reset.
    await operator.ask(put);
    await operator.ask(put.replace('"plus"', '"core"'));
    const { quota } = await person.ask(QUOTA);
    expect(quota).toMatchObject({
      remaining: 105,
      pendingPlan: { plan: { id: 'core' }, at: quota.resetsAt },
    });
  });

  it('should list history newest first, page by page', async () => {
    const caller = await gateway.as('historian');
    const made: string[] = [];
    for (let i = 0; i < 7; i++) {
      made.push((await caller.ask(GENERATE, { input: input() })).generate.generation.id as string);
    }
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const { generations }: Data = await caller.ask(
        `query ($after: String) { generations(first: 3, after: $after) { edges { node { id } } pageInfo { hasNextPage endCursor } } }`,
        { after },
      );
      seen.push(...generations.edges.map(({ node }: Data) => node.id as string));
      after = generations.pageInfo.hasNextPage ? (generations.pageInfo.endCursor as string) : null;
    } while (after !== null);
    expect(seen).toEqual(made.reverse());
  });
});
