import { createHash } from 'node:crypto';
import { ended, type Caller, type Data, type Gateway } from './gateway.js';

const OUTPUTS = `query ($id: ID!) {
  generation(id: $id) {
    outputs { id url thumbnailUrl download: url(download: true) contentType bytes sha256 fileName width height durationMs }
  }
}`;

/** One output: what the API says of it, and its bytes. */
export interface File {
  facts: Data;
  bytes: Buffer;
}

/** Makes something and downloads it: every file is what the API says it is. */
export async function make(caller: Caller, action: string, changes: object = {}): Promise<File[]> {
  const generation = await ended(caller, { action, prompt: 'a harbour at dusk', ...changes });
  expect(generation).toMatchObject({ status: 'SUCCEEDED', charge: { status: 'POSTED', units: 1 } });
  const answer = await caller.ask(OUTPUTS, { id: generation.id });
  return Promise.all(answer.generation.outputs.map(download));
}

async function download(facts: Data): Promise<File> {
  const response = await fetch(facts.url as string);
  const bytes = Buffer.from(await response.arrayBuffer());
  expect(response.headers.get('content-type')).toBe(facts.contentType);
  expect(bytes).toHaveLength(facts.bytes as number);
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(facts.sha256);
  expect(response.headers.get('content-disposition')).toContain(facts.fileName);
  return { facts, bytes };
}

export async function makeOne(caller: Caller, action: string, changes: object = {}): Promise<File> {
  const [file, ...others] = await make(caller, action, changes);
  expect(others).toEqual([]);
  return file!;
}

/** An account that never runs out. */
export async function withoutLimit(gateway: Gateway, account: string): Promise<Caller> {
  const operator = await gateway.as('support', { operator: true });
  await operator.ask(
    `mutation { putSubscription(input: { accountId: "${account}", plan: "ultimate", startedAt: "2026-03-18T09:30:00Z" }) { used } }`,
  );
  return gateway.as(account);
}
