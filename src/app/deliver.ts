import type { EndStatus, Failure, Generation, Output } from '../domain/generation.js';
import type { Settlement } from '../ledger.js';
import type { FileContent, Outcome } from '../provider.js';
import type { Core } from './core.js';
import { discardFiles, storeFile } from './store.js';

/** An outcome whose files are stored: what is posted can be downloaded. */
export type Delivery =
  | { kind: 'delivered'; outputs: Output[] }
  | Exclude<Outcome, { kind: 'delivered' }>
  /** The provider has done its part, so nobody else is asked. */
  | { kind: 'not-stored'; failure: Failure };

/**
 * Stores what a provider delivered; files that are not what the action makes are left out. Nobody wants it any more once `dropped`
 * aborts.
 */
export async function store(
  core: Core,
  generation: Generation,
  outcome: Outcome,
  dropped?: AbortSignal,
): Promise<Delivery> {
  if (outcome.kind !== 'delivered') return outcome;
  const { id, provider } = generation;
  const limits = dropped ? { signal: dropped } : {};
  const outputs: Output[] = [];
  for (const { content } of outcome.files.slice(0, generation.outputCount)) {
    const source = watched(content);
    try {
      // One after the other: each may be half a gigabyte on its way through this machine.
      const stored = await storeFile(core, generation, outputs.length, source.content, limits);
      if (typeof stored === 'string') {
        core.log.warn({ generation: id, provider, why: stored }, 'an output was refused');
      } else outputs.push(stored);
    } catch (error) {
      await discardFiles(core, outputs).catch(() => undefined);
      if (dropped?.aborted) return { kind: 'not-stored', failure: NOT_STORED };
      const which = source.broke() ? 'outputs could not be fetched' : 'outputs could not be stored';
      core.log.error({ err: error, generation: id, provider }, which);
      return source.broke()
        ? { kind: 'failed', failure: PROVIDER_FAULT }
        : { kind: 'not-stored', failure: NOT_STORED };
    }
  }
  // Nothing delivered costs nothing (R5), whatever the provider calls it.
  return outputs.length > 0
    ? { kind: 'delivered', outputs }
    : { kind: 'failed', failure: PROVIDER_FAULT };
}

/** Tells whose fault it is when a file cannot be stored: a stream that breaks is its provider's, and another may do better. */
function watched(content: FileContent): { content: FileContent; broke: () => boolean } {
  if (content instanceof Uint8Array) return { content, broke: () => false };
  let broken = false;
  async function* pass(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      yield* chunks;
    } catch (error) {
      broken = true;
      throw error;
    }
  }
  return { content: pass(content), broke: () => broken };
}

/** Which end a delivery means. */
export function settlementOf(core: Core, generation: Generation, delivery: Delivery): Settlement {
  switch (delivery.kind) {
    case 'delivered':
      return {
        ...ending(core, generation, 'SUCCEEDED', null),
        outputs: delivery.outputs,
        reason: `delivered ${delivery.outputs.length} of ${generation.outputCount}`,
      };
    case 'blocked':
      return ending(core, generation, 'BLOCKED', delivery.failure);
    case 'failed':
    case 'not-stored':
      return ending(core, generation, 'FAILED', delivery.failure);
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
  message: 'It took too long and was stopped. Nothing was charged; try again.',
  retryable: true,
};

export const PROCESS_LOST: Failure = {
  code: 'PROVIDER_FAILED',
  message: 'It was interrupted on our side. Nothing was charged; try again.',
  retryable: true,
};

export const PROVIDER_FAULT: Failure = {
  code: 'PROVIDER_FAILED',
  message: 'The provider could not finish it. Nothing was charged; try again.',
  retryable: true,
};

const NOT_STORED: Failure = {
  code: 'PROVIDER_FAILED',
  message: 'The result could not be stored. Nothing was charged; try again.',
  retryable: true,
};

export const CANCELLED: Failure = {
  code: 'CANCELLED',
  message: 'Cancelled. Nothing was charged.',
  retryable: true,
};

export const INPUT_GONE: Failure = {
  code: 'PROVIDER_FAILED',
  message: 'What it should work on was deleted meanwhile. Nothing was charged.',
  retryable: false,
};

export const UPLOAD_MISSED: Failure = {
  code: 'TIMED_OUT',
  message: 'The file did not arrive in time. Ask for a new upload.',
  retryable: true,
};
