import { createHash } from 'node:crypto';
import type { EndStatus, Failure, Generation, Output } from '../domain/generation.js';
import { extensionOf } from '../domain/media-type.js';
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
  // Nothing delivered costs nothing (R5), whatever the provider calls it.
  if (outcome.files.length === 0) return ending(core, generation, 'FAILED', PROVIDER_FAULT);
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
  generation: Pick<Settlement, 'account' | 'id' | 'attempt'>,
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
      const key = `${folder}/${generation.id}/${index}.${extensionOf(file.contentType)}`;
      await core.assets.put(key, bytes, file.contentType);
      return { ...facts, key, bytes: bytes.byteLength, sha256: sha256(bytes) };
    }),
  );
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
