import type { ActionKind } from './domain/catalog.js';
import type { Failure, GenerationContent } from './domain/generation.js';

/** Who makes the files. One job is one generation, whatever the number of outputs (R5). */
export interface Provider {
  readonly name: string;
  /**
   * What is wrong with the request, in words for the person; null when it can be dispatched. Pure and quick: called before
   * anything is taken, so that a mistake costs nothing. Absent: any request will do.
   */
  check?(request: ProviderRequest): string | null;
  /**
   * Runs the job to its end. Transient errors are retried inside, until `signal` aborts: then it rejects with the signal's
   * reason (a `Stop`), at once, and calls the work off where it can, unless the reason is `shutdown`: another process goes on
   * with the same id. Expected ends are values; any other rejection is a fault of the adapter and ends as PROVIDER_FAILED. May
   * be called again with the same id.
   */
  dispatch(job: Job, signal: AbortSignal): Promise<Outcome>;
  /**
   * What became of a job whose process was lost, where the provider can tell. One it still knows is dispatched again, and goes on
   * where it is. Absent: it cannot tell.
   */
  lookup?(job: Omit<Job, 'sources' | 'report'>, signal: AbortSignal): Promise<Lookup>;
  /** The id of the job that a callback speaks of; null: its signature or its form is wrong. Absent: it sends none. */
  readCallback?(callback: Callback): string | null;
}

/** Why a job is stopped: time is up, the generation ended otherwise (cancelled, say), or this process goes. */
export type Stop = 'deadline' | 'ended' | 'shutdown';

/** What is asked for, as far as it is known before anything runs. */
export interface ProviderRequest extends GenerationContent {
  kind: ActionKind;
  /** What `inputs` are, in their order. */
  sources: readonly SourceFacts[];
}

export interface Job extends ProviderRequest {
  /** The generation's id: the idempotency key. */
  id: string;
  deadlineAt: number;
  sources: readonly Source[];
  /** Tells how far it is, from 0 to 1; for the person's screens. Cheap, may be called often. */
  report: (progress: number) => void;
}

/** One input: an earlier output of the same account, or an item of a workspace it can read. */
export interface SourceFacts {
  /** As in `inputs`. */
  id: string;
  /** What it was made as: an image made as a `style` says how things shall look. */
  kind: ActionKind;
  contentType: string;
  bytes: number;
  sha256: string;
  width: number | null;
  height: number | null;
  durationMs: number | null;
}

export interface Source extends SourceFacts {
  /** The whole file. Throws when it is gone. */
  read(): Promise<Buffer>;
  /** An absolute link that opens it without a token, for about an hour. */
  url: string;
}

/** `delivered` may hold fewer outputs than asked for: partly blocked is still one unit (R5). Never none. */
export type Outcome =
  | { kind: 'delivered'; files: ProducedFile[] }
  | { kind: 'blocked'; failure: Failure }
  | { kind: 'failed'; failure: Failure };

export type Lookup = Outcome | { kind: 'running' } | { kind: 'unknown' };

/** A file as the provider gave it: what it is, is told from its bytes when it is stored. */
export interface ProducedFile {
  content: FileContent;
}

export type FileContent = Uint8Array | AsyncIterable<Uint8Array>;

/** A request that a provider sent by itself. Header names are in lower case. */
export interface Callback {
  headers: Readonly<Record<string, string | undefined>>;
  body: string;
}
