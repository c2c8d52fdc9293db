import { v7 as newId } from 'uuid';
import type { GenerateRequest } from './requests.js';
import { findAction, type Action } from '../domain/catalog.js';
import { ruleAt, unitsOf } from '../domain/counting.js';
import { Fault } from '../domain/fault.js';
import { parseOutputId, RESTORE_WITHIN_MS, type Generation } from '../domain/generation.js';
import type { Quota } from '../domain/quota.js';
import { contentHash, requestKey } from '../domain/request.js';
import type { Core } from './core.js';

// Whatever is configured: recovery gets its minute before the hard bound at which a unit must be back (R6).
const LONGEST_DEADLINE_MS = RESTORE_WITHIN_MS - 60_000;

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
      `${action.id} is free: it never counts, and generate does not start it. Its field is ${action.field ?? 'another'}.`,
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

/** Throws BAD_USER_INPUT unless every input is an output of this very account. */
export async function requireInputs({ ledger }: Core, { account, request }: Press): Promise<void> {
  for (const input of new Set(request.inputs)) {
    const output = parseOutputId(input);
    if (output) {
      const generation = await ledger.find(account, output.generationId);
      if (generation?.outputs[output.index]) continue;
    }
    throw new Fault(
      'BAD_USER_INPUT',
      `inputs names ${input}, which is not one of your outputs. Send ids from Generation.outputs.`,
    );
  }
}

/** The generation a press becomes, leased to this process from the start. */
export function generationOf(press: Press, quota: Quota, deadlineMs: number): Generation {
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
  };
}
