import { v7 as newId } from 'uuid';
import type { GenerateRequest } from './requests.js';
import { findAction, type Action } from '../domain/catalog.js';
import { ruleAt, unitsOf } from '../domain/counting.js';
import { Fault } from '../domain/fault.js';
import { RESTORE_WITHIN_MS, type Generation } from '../domain/generation.js';
import type { Quota } from '../domain/quota.js';
import { contentHash, requestKey } from '../domain/request.js';
import type { Core } from './core.js';

/** One press of the button, checked and named; admission works on it. */
export interface Press {
  account: string;
  id: string;
  request: GenerateRequest;
  requestKey: string;
  contentHash: string;
  action: Action;
  provider: string;
  rule: string;
  units: number;
  at: number;
}

/** Checks a request against the catalogue. Throws BAD_USER_INPUT with what would be right. */
export function pressOf(core: Core, account: string, request: GenerateRequest): Press {
  const action = findAction(core.catalog, request.action);
  if (!action) {
    const known = core.catalog.actions.filter(({ metered }) => metered).map(({ id }) => id);
    throw new Fault(
      'BAD_USER_INPUT',
      `There is no action ${request.action}. Choose one of: ${known.join(', ')}.`,
    );
  }
  if (action.provider === undefined) {
    throw new Fault(
      'BAD_USER_INPUT',
      `${action.id} is free and is not started by generate. Use the field ${action.field ?? 'of its own'}.`,
    );
  }
  const problem = core.providers.get(action.provider)?.check?.(request);
  if (problem) throw new Fault('BAD_USER_INPUT', problem);
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
    id: newId(),
    request,
    requestKey: requestKey(request.requestId),
    contentHash: contentHash(request),
    action,
    provider: action.provider,
    rule: rule.id,
    units: unitsOf(rule, action),
    at,
  };
}

// Whatever is configured: recovery gets its minute before the hard bound at which a unit must be back (R6).
const LONGEST_DEADLINE_MS = RESTORE_WITHIN_MS - 60_000;

/** The generation a press becomes: running at once when a `slot` is reserved for it, else waiting for one. */
export function generationOf(
  press: Press,
  quota: Quota,
  slot: boolean,
  deadlineMs: number,
): Generation {
  const { account, id, request, contentHash, rule, units, at, action, provider } = press;
  return {
    account,
    id,
    requestId: request.requestId,
    contentHash,
    action: request.action,
    prompt: request.prompt,
    settings: request.settings,
    inputs: request.inputs,
    outputCount: request.outputCount,
    status: slot ? 'RUNNING' : 'QUEUED',
    charge: units === 0 ? 'FREE' : 'HELD',
    units,
    rule,
    period: quota.period,
    provider,
    attempt: slot ? 1 : 0,
    createdAt: at,
    deadlineAt: at + Math.min(action.deadlineMs ?? deadlineMs, LONGEST_DEADLINE_MS),
    finishedAt: null,
    failure: null,
    outputs: [],
  };
}
