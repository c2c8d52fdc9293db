import type { GenerateRequest } from './requests.js';
import { findAction, type Action } from '../domain/catalog.js';
import { ruleAt, unitsOf } from '../domain/counting.js';
import { Fault } from '../domain/fault.js';
import { RESTORE_WITHIN_MS, type Generation } from '../domain/generation.js';
import type { Quota } from '../domain/quota.js';
import { contentHash, requestKey } from '../domain/request.js';
import type { Core } from './core.js';
import { findInputs } from './inputs.js';
import { newId } from './new-id.js';
import { candidates } from './serve.js';

// Whatever is configured: recovery gets its minute before the hard bound at which a unit must be back (R6).
const LONGEST_DEADLINE_MS = RESTORE_WITHIN_MS - 60_000;

/** The GraphQL field of the action that waits for a file, and what stands for its provider. */
const UPLOAD_FIELD = 'uploadReference';
export const AWAITS_UPLOAD = 'upload';

/** One press of the button, checked and named; admission works on it. */
export interface Press {
  account: string;
  id: string;
  request: GenerateRequest;
  requestKey: string;
  contentHash: string;
  action: Action;
  rule: string;
  units: number;
  at: number;
}

/** The action of that id. Throws BAD_USER_INPUT that names the metered ones. */
export function actionNamed({ catalog }: Core, id: string): Action {
  const action = findAction(catalog, id);
  if (action) return action;
  const known = catalog.actions.filter(({ metered }) => metered).map((one) => one.id);
  throw new Fault(
    'BAD_USER_INPUT',
    `There is no action ${id}. Choose one of: ${known.join(', ')}.`,
  );
}

/** Names a press and counts it by the rule in force. Who serves it is found when its inputs are known. */
export function pressOf(
  core: Core,
  account: string,
  action: Action,
  request: GenerateRequest,
): Press {
  const at = core.clock.now();
  const rule = ruleAt(core.catalog.rules, at);
  if (!rule) {
    throw new Fault(
      'UNAVAILABLE',
      'No counting rule is in force yet. Try again after the plans have begun.',
    );
  }
  return {
    account,
    id: newId(at),
    request,
    requestKey: requestKey(request.requestId),
    contentHash: contentHash(request, request.parent),
    action,
    rule: rule.id,
    units: unitsOf(rule, action),
    at,
  };
}

/** The provider that begins. Throws BAD_USER_INPUT with what is wrong with the inputs or the settings. */
export async function providerFor(
  core: Core,
  { account, action, request }: Press,
): Promise<string> {
  if (action.field === UPLOAD_FIELD) return AWAITS_UPLOAD;
  const sources = await findInputs(core, account, request.inputs);
  const found = candidates(core, action.providers, { ...request, kind: action.kind, sources });
  if (!Array.isArray(found)) throw new Fault('BAD_USER_INPUT', found.problem);
  return found[0] ?? '';
}

/** The generation a press becomes, leased to this process from the start. */
export function generationOf(
  press: Press,
  provider: string,
  quota: Quota,
  deadlineMs: number,
): Generation {
  const { account, id, request, contentHash, rule, units, at, action } = press;
  return {
    account,
    id,
    requestId: request.requestId,
    contentHash,
    action: request.action,
    kind: action.kind,
    parent: request.parent,
    prompt: request.prompt,
    settings: request.settings,
    inputs: request.inputs,
    outputCount: request.outputCount,
    status: 'RUNNING',
    charge: units === 0 ? 'FREE' : 'HELD',
    units,
    rule,
    period: quota.period,
    provider,
    attempt: 1,
    createdAt: at,
    deadlineAt: at + Math.min(action.deadlineMs ?? deadlineMs, LONGEST_DEADLINE_MS),
    finishedAt: null,
    failure: null,
    outputs: [],
    progress: null,
    deletedAt: null,
  };
}
