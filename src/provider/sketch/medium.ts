import type { Job, ProviderRequest } from '../../provider.js';
import type { SketchSettings } from './settings.js';

/** One kind of thing that can be sketched. */
export interface Medium {
  /** With its article, for messages. */
  name: string;
  /** What `settings.format` may say, the usual one first. */
  formats: readonly string[];
  /** Of `settings.size`, in pixels; null: that setting is not looked at. */
  maxSide: number | null;
  /** Of `settings.durationMs`; null: that setting is not looked at. */
  durationsMs: { min: number; max: number } | null;
  /** What is wrong with the request's inputs, in words; null: nothing. Pure. */
  check(request: ProviderRequest): string | null;
  /** Reads the job's inputs, once for all outputs; answers what makes the output `index`. May throw `Unreadable`. */
  begin(job: Job, settings: SketchSettings): Promise<Maker>;
}

export type Maker = (index: number) => Promise<Uint8Array>;

/** An input that is not what it was said to be. The message is for the person. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}
