import { Fault } from '../domain/fault.js';
import type { Admit } from './admit.js';
import type { Core } from './core.js';
import { noSuchGeneration } from './end.js';
import { actionNamed } from './press.js';
import type { GenerateAnswer, GenerateRequest, RefineRequest } from './requests.js';

/** "Generate ✨" for an action that counts. Throws BAD_USER_INPUT naming the field of one that has its own. */
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
      `${action.id} is free: it never counts, and generate does not start it. Its field is ${action.field}.`,
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
  if (!parent) throw noSuchGeneration(parentId);
  const { action, prompt, settings, inputs, outputCount } = parent;
  const content = { action, prompt, settings, inputs, outputCount, ...changes };
  return generate(core, admit, account, { ...content, requestId, parent: parent.id });
}
