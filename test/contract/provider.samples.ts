import { createHash } from 'node:crypto';
import type { FileContent, Job, Provider, Source } from '../../src/provider.js';

/** A job of one picture, changed by `rest`. */
export function aJob(rest: Partial<Job> = {}): Job {
  return {
    id: '0190f5d2-7c1e-7000-8000-000000000001',
    deadlineAt: Date.now() + 60_000,
    action: 'image.generate',
    kind: 'image',
    prompt: 'a lighthouse at dawn',
    settings: null,
    inputs: (rest.sources ?? []).map((source) => source.id),
    sources: [],
    outputCount: 1,
    report: () => undefined,
    ...rest,
  };
}

/** An input of these bytes: a picture of unknown size, changed by `rest`. */
export function aSource(content: Uint8Array, rest: Partial<Source> = {}): Source {
  return {
    id: '0190f5d2-7c1e-7000-8000-000000000002.0',
    kind: 'image',
    contentType: 'image/png',
    bytes: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
    width: null,
    height: null,
    durationMs: null,
    read: () => Promise.resolve(Buffer.from(content)),
    url: 'http://127.0.0.1:9/outputs/an-input',
    ...rest,
  };
}

/** The whole of a file, whichever way the provider gives it. */
export async function bytesOf(content: FileContent): Promise<Buffer> {
  if (content instanceof Uint8Array) return Buffer.from(content);
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** What the provider delivers for a job; throws in its words when it does not. */
export async function deliveredBy(provider: Provider, job: Job): Promise<Buffer[]> {
  const problem = provider.check?.(job) ?? null;
  if (problem !== null) throw new Error(`checked: ${problem}`);
  const outcome = await provider.dispatch(job, new AbortController().signal);
  if (outcome.kind !== 'delivered') throw new Error(outcome.failure.message);
  return Promise.all(outcome.files.map((file) => bytesOf(file.content)));
}

/** What tells files apart: to be compared instead of them, which would take minutes to show where they differ. */
export function digestsOf(files: readonly Uint8Array[]): string[] {
  return files.map((file) => createHash('sha256').update(file).digest('hex'));
}
