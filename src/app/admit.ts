import type { GenerateAnswer, GenerateRequest } from './requests.js';
import type { Action } from '../domain/catalog.js';
import { Fault } from '../domain/fault.js';
import type { Generation } from '../domain/generation.js';
import { epochOf, type Quota } from '../domain/quota.js';
import { GateUnavailable } from '../gate.js';
import { LedgerUnavailable, type OpenAnswer, type Opening } from '../ledger.js';
import type { Core } from './core.js';
import type { Dispatcher } from './dispatch.js';
import { upgradesOf } from './plans.js';
import { AWAITS_UPLOAD, generationOf, pressOf, providerFor, type Press } from './press.js';
import type { ReadQuota } from './quota.js';
import { closedAccount, type Reckoner } from './reckon.js';
import { makeTake, type Admission } from './take.js';

/**
 * take → open → dispatch: the way in for every action, whatever it costs. Nothing is acknowledged or dispatched before the
 * ledger has committed it (I5). Throws BAD_USER_INPUT before anything is taken.
 */
export type Admit = (
  account: string,
  action: Action,
  request: GenerateRequest,
) => Promise<GenerateAnswer>;

interface Parts {
  core: Core;
  reckoner: Reckoner;
  readQuota: ReadQuota;
  dispatcher: Dispatcher;
}

export function makeAdmit(parts: Parts): Admit {
  const { core, readQuota } = parts;
  const take = makeTake(core, parts);
  // Presses with the same request id that arrive while the first is under way wait for it instead of taking units too.
  const underWay = new Map<string, { contentHash: string; answer: Promise<GenerateAnswer> }>();

  async function admit(press: Press): Promise<GenerateAnswer> {
    let provider: string;
    try {
      provider = await providerFor(core, press);
    } catch (error) {
      // A replay comes first: what it worked on may have been deleted since.
      const standing =
        press.request.inputs.length > 0
          ? await core.ledger.findByRequest(press.account, press.requestKey)
          : null;
      if (!standing) throw error;
      return replay(readQuota, press, standing);
    }
    const admission = await take(press);
    if (admission.kind === 'replayed') return replay(readQuota, press, admission.generation);
    if (admission.kind === 'refused') return exhausted(core, admission.quota);
    return open(parts, press, provider, admission);
  }

  return async (account, action, request) => {
    const press = pressOf(core, account, action, request);
    const key = `${account}\n${press.requestKey}`;
    const first = underWay.get(key);
    if (first) {
      const answer = await first.answer;
      if (answer.kind === 'exhausted') return answer;
      if (first.contentHash !== press.contentHash) throw mismatch();
      return { ...answer, replayed: true };
    }
    const answer = admit(press).finally(() => underWay.delete(key));
    underWay.set(key, { contentHash: press.contentHash, answer });
    return answer;
  };
}

async function open(
  parts: Parts,
  press: Press,
  provider: string,
  { quota, withoutGate }: Extract<Admission, { kind: 'taken' }>,
): Promise<GenerateAnswer> {
  const { core, reckoner, readQuota, dispatcher } = parts;
  // Nothing runs while a file is waited for.
  const waits = provider === AWAITS_UPLOAD;
  const slot = !waits && dispatcher.reserve(press.account);
  let answer: OpenAnswer;
  try {
    const generation = generationOf(press, provider, quota, core.deadlineMs);
    answer = await core.ledger.open(openingOf(core, press, generation, withoutGate));
  } catch (error) {
    if (slot) dispatcher.unreserve(press.account);
    throw await notOpened(core, press, error);
  }
  if (answer.kind === 'opened') {
    // Before it can end: a settlement has to find its hold in the gate.
    if (!withoutGate) await align(parts, press, quota, answer.epoch);
    const generation = waits ? answer.generation : dispatcher.start(answer.generation, slot);
    const left = withoutGate ? await readQuota(press.account) : quota;
    return { kind: 'accepted', generation, quota: left, replayed: false };
  }
  if (slot) dispatcher.unreserve(press.account);
  await release(core, press, answer.kind === 'duplicate' ? answer.generation.id : null);
  switch (answer.kind) {
    case 'duplicate':
      return replay(readQuota, press, answer.generation);
    case 'exhausted':
      // The gate was wrong, or was not asked: the ledger has the last word, and sets the gate right.
      return exhausted(core, await reckoner.seed(press.account));
    case 'closed':
      throw closedAccount();
    case 'no-period':
      await reckoner.seed(press.account);
      throw new Fault(
        'UNAVAILABLE',
        'The ledger was just put in order. Try again with the same requestId.',
      );
  }
}

function openingOf(
  core: Core,
  { requestKey }: Press,
  generation: Generation,
  withoutGate: boolean,
): Opening {
  // What waits for a file has no process to lose: it is looked at when its time is over.
  const waits = generation.provider === AWAITS_UPLOAD;
  const dueAt = waits ? generation.deadlineAt : core.clock.now() + core.leaseMs;
  return { generation, requestKey, dueAt, owner: core.owner, withoutGate };
}

/** The fault to answer with. The take goes back, unless it may have become a generation: then healing finds out. */
async function notOpened(core: Core, press: Press, error: unknown): Promise<unknown> {
  if (!(error instanceof LedgerUnavailable)) {
    await release(core, press, null);
    return error;
  }
  core.log.warn({ err: error, account: press.account }, 'the ledger could not open a generation');
  if (!error.mayHaveCommitted) await release(core, press, null);
  return new Fault(
    'UNAVAILABLE',
    error.mayHaveCommitted
      ? 'The ledger did not say whether it was started. Try again with the same requestId: it is never charged twice.'
      : 'The ledger cannot be reached, so nothing was started or charged. Try again with the same requestId.',
  );
}

/** Best effort: a take that stays behind has no ledger row, and healing drops it. */
async function release({ gate }: Core, press: Press, standing: string | null): Promise<void> {
  if (press.units === 0) return;
  try {
    await gate.release(press.account, press.id, press.requestKey, standing);
  } catch (error) {
    if (!(error instanceof GateUnavailable)) throw error;
  }
}

/** When the gate was reckoned anew between take and open, it may not count this hold. Never throws: it is accepted. */
async function align(
  { core, reckoner }: Parts,
  press: Press,
  quota: Quota,
  epoch: number,
): Promise<void> {
  const { account, id, units, at } = press;
  if (units === 0 || epoch === epochOf(quota.revision)) return;
  const hold = { account, generationId: id, units, period: quota.period, at };
  try {
    // A gate ahead of the ledger is one, too: the ledger was set back (restored from an older copy).
    const counted = epoch > epochOf(quota.revision) && (await core.gate.adopt(hold, epoch));
    if (!counted) reckoner.heal(account);
  } catch (error) {
    if (!(error instanceof GateUnavailable)) core.log.error({ err: error, account }, 'gate fault');
    reckoner.heal(account);
  }
}

async function replay(
  readQuota: ReadQuota,
  press: Press,
  generation: Generation,
): Promise<GenerateAnswer> {
  if (generation.deletedAt !== null) {
    throw new Fault(
      'NOT_FOUND',
      'This requestId was used for a generation that was deleted. Use a new requestId for a new generation.',
    );
  }
  if (generation.contentHash !== press.contentHash) throw mismatch();
  return {
    kind: 'accepted',
    generation,
    quota: await readQuota(press.account),
    replayed: true,
  };
}

function exhausted(core: Core, quota: Quota): GenerateAnswer {
  return { kind: 'exhausted', quota, upgrades: upgradesOf(core, quota.limit) };
}

function mismatch(): Fault {
  return new Fault(
    'IDEMPOTENCY_MISMATCH',
    'This requestId was used with other content before. Use a new requestId for a new generation.',
  );
}
