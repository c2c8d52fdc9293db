import { TooLarge, type Content } from '../assets.js';
import { isOpen, type Generation, type Output } from '../domain/generation.js';
import type { Core } from './core.js';
import { settlementOf } from './deliver.js';
import { AWAITS_UPLOAD } from './press.js';
import type { UploadAnswer } from './requests.js';
import type { Settle } from './settle.js';
import { makeSlots } from './slots.js';
import { discardFiles, storeFile } from './store.js';

/** Pictures that every browser and most providers read. */
export const UPLOAD_TYPES: readonly string[] = [
  'image/png',
  'image/jpeg',
  'image/webp',
  'image/gif',
  'image/avif',
];
/** A photograph of 50 megapixels; providers take no more either. */
export const UPLOAD_MAX_BYTES = 20 * 2 ** 20;

// A slow sender holds its place for up to 100 s, so one account gets a quarter of them; each needs 20 MiB of disk at most.
const UPLOADS_AT_ONCE = 64;

/** Takes the file that an accepted upload waits for, from whoever holds the signed link. The same one may come again. */
export type ReceiveUpload = (generationId: string, content: Content) => Promise<UploadAnswer>;

export function makeReceiveUpload(core: Core, settle: Settle): ReceiveUpload {
  const slots = makeSlots(UPLOADS_AT_ONCE);

  async function receive(generation: Generation, content: Content): Promise<UploadAnswer> {
    const stored = await storeFile(core, generation, 0, content, {
      maxBytes: UPLOAD_MAX_BYTES,
    });
    if (stored === 'too-large') {
      return refused(413, `The file has more than ${UPLOAD_MAX_BYTES} bytes. Send a smaller one.`);
    }
    if (stored === 'wrong-type') {
      return refused(415, `This is no picture. Send one of: ${UPLOAD_TYPES.join(', ')}.`);
    }
    const problem = difference(generation, stored);
    if (problem) {
      await discardFiles(core, [stored]);
      return problem;
    }
    const delivery = { kind: 'delivered' as const, outputs: [stored] };
    const result = await settle({
      ...settlementOf(core, generation, delivery),
      reason: 'The file was uploaded.',
      onlyWhileOpen: true,
    });
    if (result.kind === 'absent') return GONE;
    if (result.kind === 'standing') return standing(result.generation, stored.sha256);
    return { kind: 'stored' };
  }

  /** It is there already, or its time is over: only the same file again is fine. */
  async function receiveAgain(generation: Generation, content: Content): Promise<UploadAnswer> {
    if (generation.status !== 'SUCCEEDED') return OVER;
    try {
      const again = await core.assets.receive(content, { maxBytes: UPLOAD_MAX_BYTES });
      await again.discard();
      return standing(generation, again.sha256);
    } catch (error) {
      if (error instanceof TooLarge) return ANOTHER;
      throw error;
    }
  }

  return async (generationId, content) => {
    const generation = await core.ledger.locate(generationId);
    if (generation?.provider !== AWAITS_UPLOAD || generation.deletedAt !== null) return GONE;
    const { account } = generation;
    if (!slots.take(account)) {
      return refused(
        503,
        'Too many files are being uploaded right now. Send it again in a moment.',
      );
    }
    try {
      return await (isOpen(generation) ? receive : receiveAgain)(generation, content);
    } finally {
      slots.giveBack(account);
    }
  };
}

/** What `uploadReference` keeps in the settings. */
interface Declared {
  contentType: string;
  bytes: number;
  sha256?: string;
}

/** What was declared and what came have to agree: a cut file must not pass for the whole. */
function difference({ settings }: Generation, output: Output): UploadAnswer | null {
  const { contentType, bytes, sha256 } = settings as unknown as Declared;
  if (output.contentType !== contentType) {
    return refused(415, `The file is ${output.contentType}, and ${contentType} was declared.`);
  }
  if (output.bytes !== bytes) {
    return refused(422, `The file has ${output.bytes} bytes, and ${bytes} were declared.`);
  }
  if (sha256 !== undefined && output.sha256 !== sha256) {
    return refused(422, 'The file is not the one whose sha256 was declared. Send it again.');
  }
  return null;
}

function standing({ status, outputs }: Generation, sha256: string): UploadAnswer {
  if (status !== 'SUCCEEDED') return OVER;
  return outputs[0]?.sha256 === sha256 ? { kind: 'standing' } : ANOTHER;
}

function refused(
  status: Extract<UploadAnswer, { kind: 'refused' }>['status'],
  message: string,
): UploadAnswer {
  return { kind: 'refused', status, message };
}

const OVER = refused(410, 'This upload is over. Ask uploadReference for a new one.');
const ANOTHER = refused(409, 'Another file was uploaded here. Ask uploadReference for one more.');
const GONE = refused(404, 'There is no such upload. Ask uploadReference for a new one.');
