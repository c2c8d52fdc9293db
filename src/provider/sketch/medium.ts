import type { Job, ProviderRequest } from '../../provider.js';
import type { Choices, SketchSettings } from './settings.js';

/** One kind of thing that can be sketched. */
export interface Medium extends Choices {
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
