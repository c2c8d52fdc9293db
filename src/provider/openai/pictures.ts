import { extensionOf } from '../../domain/media-type.js';
import type { Job, Outcome, ProducedFile, Source } from '../../provider.js';
import type { Request } from '../wire/exchange.js';
import { ask, download } from './ask.js';
import type { Line } from './ask.js';
import { downloadOf } from './endpoint.js';
import { itemsOf } from './items.js';
import type { Item } from './items.js';
import { failed } from './refusal.js';

// 8 pictures of 6 MiB in base64, or what they point at: generous for any present model.
const MAX_ANSWER_BYTES = 64 * 2 ** 20;
const MAX_DOWNLOAD_BYTES = 20 * 2 ** 20;

/**
 * Pictures: made from the prompt alone, or, where there are inputs, from these. All are held in memory, because a download
 * that breaks off can be repeated only as long as nothing of it was passed on.
 */
export async function makePictures(line: Line, job: Job, signal: AbortSignal): Promise<Outcome> {
  const request = await requestOf(line, job);
  if (!request) {
    return failed('An input could not be read. Try again, or choose another one.', true);
  }
  const answer = await ask(line, job, request, MAX_ANSWER_BYTES, signal);
  if ('failure' in answer) return { kind: answer.kind, failure: answer.failure };
  const items = itemsOf(answer.body).slice(0, job.outputCount);
  const got = await Promise.all(items.map((item) => fileOf(line, job, item, signal)));
  const files = got.filter((file) => file !== null);
  if (files.length < job.outputCount) {
    const counts = { asked: job.outputCount, answered: items.length, delivered: files.length };
    const facts = { provider: line.endpoint.name, job: job.id, ...counts };
    line.log.warn(facts, 'provider: fewer pictures than asked for');
  }
  if (files.length > 0) return { kind: 'delivered', files };
  return failed('The provider sent no usable picture. Try again.', true);
}

async function fileOf(
  line: Line,
  job: Job,
  item: Item,
  signal: AbortSignal,
): Promise<ProducedFile | null> {
  if ('bytes' in item) return { content: item.bytes };
  const request = downloadOf(item.url, line.base);
  if (!request) {
    const facts = { provider: line.endpoint.name, job: job.id };
    line.log.warn(facts, 'provider: points at an address that is not fetched from');
    return null;
  }
  // Together no more than an answer that holds the pictures itself.
  const maxBytes = Math.min(MAX_DOWNLOAD_BYTES, MAX_ANSWER_BYTES / job.outputCount);
  const content = await download(line, job, request, maxBytes, signal);
  return content && { content };
}

/** The request for a job that `check` has passed, the same on every repeat; null when an input cannot be read. */
async function requestOf({ endpoint, base, log }: Line, job: Job): Promise<Request | null> {
  const headers = {
    authorization: `Bearer ${endpoint.key}`,
    accept: 'application/json',
    'idempotency-key': job.id,
  };
  const fields = fieldsOf(job, endpoint.imageModel);
  if (job.sources.length === 0) {
    return {
      url: new URL('images/generations', base).href,
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(fields),
    };
  }
  try {
    const pictures = await Promise.all(job.sources.map(fileFrom));
    const url = new URL('images/edits', base).href;
    return { url, method: 'POST', headers, body: formOf(fields, pictures) };
  } catch (error) {
    log.warn({ err: error, provider: endpoint.name, job: job.id }, 'an input could not be read');
    return null;
  }
}

function fieldsOf(job: Job, model: string | null): Record<string, unknown> {
  const { size, quality, format } = job.settings ?? {};
  return {
    model,
    prompt: promptOf(job),
    n: job.outputCount,
    ...(size && { size }),
    ...(quality && { quality }),
    ...(format && { output_format: format }),
  };
}

/** A style among the inputs is told from what is to be worked on: to the model, they are all pictures. */
function promptOf({ prompt, sources }: Job): string | null {
  const styles = sources.flatMap(({ kind }, index) => (kind === 'style' ? [index + 1] : []));
  if (styles.length === 0) return prompt;
  return `${prompt}\n\nOf image ${styles.join(' and ')}, use only the look (colours, light, technique), not the subject.`;
}

async function fileFrom(source: Source, index: number): Promise<File> {
  // Some servers go by the name alone.
  const name = `image-${index + 1}.${extensionOf(source.contentType)}`;
  return new File([await source.read()], name, { type: source.contentType });
}

function formOf(fields: Record<string, unknown>, pictures: readonly File[]): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, String(value));
  // As OpenAI's own clients have it. Servers that take a single picture know the plain name only.
  const field = pictures.length === 1 ? 'image' : 'image[]';
  for (const picture of pictures) form.append(field, picture);
  return form;
}
