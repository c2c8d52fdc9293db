import type { Failure, GenerationContent } from './domain/generation.js';

/** Who makes the images. One job is one generation, whatever the number of outputs (R5). */
export interface Provider {
  readonly name: string;
  /**
   * What is wrong with the content, in words for the person; null when it can be dispatched. Pure and quick: called before
   * anything is taken, so that a mistake costs nothing. Absent: any content will do.
   */
  check?(content: GenerationContent): string | null;
  /**
   * Runs the job to its end. Transient errors are retried inside, until `signal` aborts at the deadline: then it rejects with
   * the signal's reason, at once. Expected ends are values; any other rejection is a fault of the adapter and ends as
   * PROVIDER_FAILED. May be called again with the same id.
   */
  dispatch(job: Job, signal: AbortSignal): Promise<Outcome>;
  /** What became of a job whose process was lost, where the provider can tell. Absent: it cannot. */
  lookup?(job: Job, signal: AbortSignal): Promise<Lookup>;
}

export interface Job extends GenerationContent {
  /** The generation's id: the idempotency key. */
  id: string;
  deadlineAt: number;
}

/** `delivered` may hold fewer outputs than asked for: partly blocked is still one unit (R5). Never none. */
export type Outcome =
  | { kind: 'delivered'; files: ProducedFile[] }
  | { kind: 'blocked'; failure: Failure }
  | { kind: 'failed'; failure: Failure };

export type Lookup = Outcome | { kind: 'running' } | { kind: 'unknown' };

export interface ProducedFile {
  bytes: Uint8Array;
  contentType: string;
  width: number | null;
  height: number | null;
  durationMs: number | null;
}
