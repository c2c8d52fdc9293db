import { buffer } from 'node:stream/consumers';
import type { Generation } from '../domain/generation.js';
import type { Job, Source } from '../provider.js';
import type { Core } from './core.js';
import { findInputs, type Input } from './inputs.js';

/**
 * A generation as its provider gets it: its inputs are looked up again, since they may have been deleted while it waited.
 * Throws BAD_USER_INPUT then.
 */
export async function jobOf(
  core: Core,
  generation: Generation,
  report: Job['report'] = () => undefined,
): Promise<Job> {
  const { id, kind, action, prompt, settings, outputCount, deadlineAt } = generation;
  const inputs = await findInputs(core, generation.account, generation.inputs);
  const sources = inputs.map((input) => sourceOf(core, input));
  const content = { action, prompt, settings, inputs: generation.inputs, outputCount };
  return { ...content, id, kind, sources, deadlineAt, report };
}

function sourceOf(core: Core, { key, ...facts }: Input): Source {
  return {
    ...facts,
    url: core.linkTo(key),
    async read() {
      const opened = await core.assets.open(key);
      if (!opened) throw new Error(`the file of input ${facts.id} is gone`);
      return buffer(opened.stream);
    },
  };
}
