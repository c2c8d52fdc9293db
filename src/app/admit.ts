import type { GenerateAnswer, GenerateRequest } from './requests.js';
import { Fault } from '../domain/fault.js';
import type { Generation } from '../domain/generation.js';
import { epochOf, type Quota } from '../domain/quota.js';
import { GateUnavailable } from '../gate.js';
import { LedgerUnavailable, type OpenAnswer } from '../ledger.js';
import type { Core } from './core.js';
import type { Dispatcher } from './dispatch.js';
import { upgradesOf } from './plans.js';
import { generationOf, pressOf, type Press } from './press.js';
import type { ReadQuota } from './quota.js';
import type { Reckoner } from './reckon.js';
import { makeTake } from './take.js';

/** take → open → dispatch: the way in. Nothing is acknowledged or dispatched before the ledger has committed it (I5). */
export type Admit = (account: string, request: GenerateRequest) => Promise<GenerateAnswer>;

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
    const admission = await take(press);
    if (admission.kind === 'replayed') return replay(readQuota, press, admission.generation);
    if (admission.kind === 'refused') return exhausted(core, admission.quota);
    return open(parts, press, admission.quota, admission.withoutGate);
  }

  return async (account, request) => {
    const press = pressOf(core, account, request);
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
  quota: Quota,
  withoutGate: boolean,
): Promise<GenerateAnswer> {
  const { core, reckoner, readQuota, dispatcher } = parts;
  const slot = dispatcher.reserve();
  let answer: OpenAnswer | undefined;
  try {
    answer = await openInLedger(core, press, quota, withoutGate, slot);
  } finally {
    if (answer?.kind !== 'opened') {
      if (slot) dispatcher.unreserve();
      await release(core, press);
    }
  }
  switch (answer.kind) {
    case 'opened':
      if (!withoutGate && answer.epoch !== epochOf(quota.revision)) {
        await align(parts, press, quota, answer.epoch);
      }
      dispatcher.start(answer.generation, slot);
      return {
        kind: 'accepted',
        generation: answer.generation,
        quota: withoutGate ? await readQuota(press.account) : quota,
        replayed: false,
      };
    case 'duplicate':
      return replay(readQuota, press, answer.generation);
    case 'exhausted':
      // The gate was wrong, or was not asked: the ledger has the last word, and the gate is set right from it.
      await reckoner.heal(press.account);
      return exhausted(core, await readQuota(press.account));
    case 'no-period':
      await reckoner.heal(press.account);
      throw new Fault(
        'UNAVAILABLE',
        'The ledger was just put in order. Try again with the same requestId.',
      );
  }
}

async function openInLedger(
  core: Core,
  press: Press,
  quota: Quota,
  withoutGate: boolean,
  slot: boolean,
): Promise<OpenAnswer> {
  try {
    return await core.ledger.open({
      generation: generationOf(press, quota, slot, core.deadlineMs),
      requestKey: press.requestKey,
      dueAt: slot ? press.at + core.leaseMs : press.at,
      owner: core.owner,
      withoutGate,
    });
  } catch (error) {
    if (!(error instanceof LedgerUnavailable)) throw error;
    core.log.warn({ err: error, account: press.account }, 'the ledger could not open a generation');
    throw new Fault(
      'UNAVAILABLE',
      'The ledger cannot be reached, so nothing was started or charged. Try again with the same requestId.',
    );
  }
}

/** Best effort: a take that stays behind has no ledger row, and healing drops it. */
async function release({ gate }: Core, press: Press): Promise<void> {
  if (press.units === 0) return;
  try {
    await gate.release(press.account, press.id, press.requestKey);
  } catch (error) {
    if (!(error instanceof GateUnavailable)) throw error;
  }
}

/** The gate and the ledger are of different epochs, so the gate may not count this hold. */
async function align(
  { core, reckoner }: Parts,
  press: Press,
  quota: Quota,
  epoch: number,
): Promise<void> {
  const { account, id, units, at } = press;
  if (units === 0) return;
  if (epoch < epochOf(quota.revision)) {
    // The ledger was set back (restored from an older copy): it catches up with the gate's revisions.
    await reckoner.heal(account);
    return;
  }
  try {
    // Reckoned anew between take and open.
    await core.gate.adopt({ account, generationId: id, units, period: quota.period, at });
  } catch (error) {
    if (!(error instanceof GateUnavailable)) throw error;
    await core.ledger.markStale(account, core.clock.now());
  }
}

async function replay(
  readQuota: ReadQuota,
  press: Press,
  generation: Generation,
): Promise<GenerateAnswer> {
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
