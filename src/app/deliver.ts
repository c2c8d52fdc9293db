import { createHash } from 'node:crypto';
import type { EndStatus, Failure, Generation, Output } from '../domain/generation.js';
import type { Settlement } from '../ledger.js';
import type { Outcome, ProducedFile } from '../provider.js';
import type { Core } from './core.js';

/** Which end a provider's outcome means. Files are stored first: what is posted can be downloaded. */
export async function settlementOf(
  core: Core,
  generation: Generation,
  outcome: Outcome,
): Promise<Settlement> {
  if (outcome.kind === 'blocked') return ending(core, generation, 'BLOCKED', outcome.failure);
  if (outcome.kind === 'failed') return ending(core, generation, 'FAILED', outcome.failure);
  try {
    const outputs = await store(core, generation, outcome.files);
    return {
      ...ending(core, generation, 'SUCCEEDED', null),
      outputs,
      reason: `delivered ${outputs.length} of ${generation.outputCount}`,
    };
  } catch (error) {
    core.log.error({ err: error, generation: generation.id }, 'outputs could not be stored');
    return ending(core, generation, 'FAILED', NOT_STORED);
  }
}

/** An end without outputs; its failure says why. */
export function ending(
  core: Core,
  generation: Pick<Generation, 'account' | 'id' | 'attempt'>,
  status: EndStatus,
  failure: Failure | null,
): Settlement {
  return {
    account: generation.account,
    id: generation.id,
    status,
    failure,
    outputs: [],
    reason: failure?.message ?? '',
    actor: 'system',
    at: core.clock.now(),
    attempt: generation.attempt,
  };
}

export const TIMED_OUT: Failure = {
  code: 'TIMED_OUT',
  message: 'It took too long and was stopped. The generation was given back; try again.',
  retryable: true,
};

export const PROCESS_LOST: Failure = {
  code: 'PROVIDER_FAILED',
  message: 'It was interrupted on our side. The generation was given back; try again.',
  retryable: true,
};

export const PROVIDER_FAULT: Failure = {
  code: 'PROVIDER_FAILED',
  message: 'The provider could not finish it. The generation was given back; try again.',
  retryable: true,
};

const NOT_STORED: Failure = {
  code: 'PROVIDER_FAILED',
  message: 'The result could not be stored. The generation was given back; try again.',
  retryable: true,
};

export const CANCELLED: Failure = {
  code: 'CANCELLED',
  message: 'Cancelled. The generation was given back.',
  retryable: true,
};

const EXTENSIONS: Readonly<Record<string, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/webp': 'webp',
};

async function store(
  core: Core,
  generation: Generation,
  files: readonly ProducedFile[],
): Promise<Output[]> {
  // Account names are the partner's own; a digest keeps them out of paths and links.
  const folder = sha256(generation.account).slice(0, 16);
  return Promise.all(
    files.map(async (file, index) => {
      const { bytes, ...facts } = file;
      const extension = EXTENSIONS[file.contentType] ?? 'bin';
      const key = `${folder}/${generation.id}/${index}.${extension}`;
      await core.assets.put(key, bytes, file.contentType);
      return { ...facts, key, bytes: bytes.byteLength, sha256: sha256(bytes) };
    }),
  );
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
