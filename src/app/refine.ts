import { text } from 'node:stream/consumers';
import { findAction } from '../domain/catalog.js';
import { Fault } from '../domain/fault.js';
import { outputId, type Generation, type GenerationContent } from '../domain/generation.js';
import { requestKey } from '../domain/request.js';
import type { Admit } from './admit.js';
import type { Core } from './core.js';
import { noSuchGeneration } from './end.js';
import { actionNamed } from './press.js';
import type { GenerateAnswer, GenerateRequest, RefineRequest } from './requests.js';

/** "Generate ✨" for an action without a field of its own. Throws BAD_USER_INPUT naming the field of one that has it. */
export async function generate(
  core: Core,
  admit: Admit,
  account: string,
  request: GenerateRequest,
): Promise<GenerateAnswer> {
  const action = actionNamed(core, request.action);
  if (action.field !== undefined) {
    throw new Fault(
      'BAD_USER_INPUT',
      `${action.id} has a field of its own, and generate does not start it. Use ${action.field}.`,
    );
  }
  return admit(account, action, request);
}

/** Generates again from an earlier generation: what the request leaves out is as it was there. Linked parent → child. */
export async function refine(
  core: Core,
  admit: Admit,
  account: string,
  { requestId, generation: parentId, ...changes }: RefineRequest,
): Promise<GenerateAnswer> {
  const parent = await core.ledger.find(account, parentId);
  // A replay finds its own content, should the parent have been deleted since; admission tells whether it is one.
  const start = parent
    ? await startOf(core, parent)
    : await core.ledger.findByRequest(account, requestKey(requestId));
  if (!start) throw noSuchGeneration(parentId);
  const { action, prompt, settings, inputs, outputCount } = start;
  const content = { action, prompt, settings, inputs, outputCount, ...changes };
  return generate(core, admit, account, { ...content, requestId, parent: parentId });
}

/**
 * What a refinement begins with. One of an upload, a crop or an enhanced prompt goes on from what that made: how it was made (a
 * rectangle, a file's size) means nothing to another action.
 */
async function startOf(core: Core, parent: Generation): Promise<GenerationContent> {
  if (findAction(core.catalog, parent.action)?.field === undefined) return parent;
  const [first] = parent.outputs;
  const { action, outputCount } = parent;
  if (parent.kind !== 'prompt') {
    const inputs = parent.outputs.map((_, index) => outputId(parent.id, index));
    return { action, outputCount, inputs, prompt: parent.prompt, settings: null };
  }
  const opened = first && (await core.assets.open(first.key));
  const prompt = opened ? await text(opened.stream) : parent.prompt;
  return { action, outputCount, inputs: [], prompt, settings: null };
}
