import type { Generation } from '../domain/generation.js';
import { Fault } from '../domain/fault.js';
import type { Quota } from '../domain/quota.js';
import { GateUnavailable, REQUEST_MEMORY_MS, type TakeAnswer } from '../gate.js';
import type { Core } from './core.js';
import type { Press } from './press.js';
import type { ReadQuota } from './quota.js';
import type { Reckoner } from './reckon.js';

/** How the unit was taken. `withoutGate`: the gate could not be asked, the ledger decides alone. */
export type Admission =
  | { kind: 'taken'; quota: Quota; withoutGate: boolean }
  | { kind: 'replayed'; generation: Generation }
  | { kind: 'refused'; quota: Quota };

// Another process may be between take and open with the same request: looked for over about 600 ms, then this one goes on
// itself. The ledger's unique key decides in any case.
const REPLAY_LOOKS_MS = [20, 40, 80, 160, 300];
// Unknown → seed → take is two. More mean that the gate is emptied as fast as it is filled.
const TAKE_ATTEMPTS = 4;

/** The first step of admission: one unit, taken atomically, or why not. A replay is answered before quota is looked at. */
export function makeTake(
  core: Core,
  parts: { reckoner: Reckoner; readQuota: ReadQuota },
): (press: Press) => Promise<Admission> {
  const { gate, ledger, clock } = core;
  const { reckoner, readQuota } = parts;

  /** An action that costs nothing is never refused for quota (R4); it only needs to know its period. */
  async function admitFree(press: Press): Promise<Admission> {
    return { kind: 'taken', quota: await readQuota(press.account), withoutGate: false };
  }

  async function takeOrBypass(press: Press): Promise<Admission> {
    try {
      return await take(press);
    } catch (error) {
      if (!(error instanceof GateUnavailable)) throw error;
      // A replay is found by the ledger when it is opened, before the ledger looks at capacity.
      return { kind: 'taken', quota: await reckoner.seed(press.account), withoutGate: true };
    }
  }

  async function take(press: Press): Promise<Admission> {
    let ignoreReplay = false;
    for (let attempt = 0; attempt < TAKE_ATTEMPTS; attempt++) {
      const answer = await gate.take({ ...takingOf(press), ignoreReplay });
      healIfDue(press.account, answer);
      switch (answer.kind) {
        case 'taken':
          return { kind: 'taken', quota: answer.quota, withoutGate: false };
        case 'refused':
          // The first press with this request may yet be opened, and take the last unit itself.
          if (ignoreReplay) throw stillUnderWay();
          return await refuse(press, answer);
        case 'replayed': {
          const generation = await awaitOpened(press);
          if (generation) return { kind: 'replayed', generation };
          ignoreReplay = true;
          break;
        }
        case 'unknown':
          await reckoner.seed(press.account);
      }
    }
    throw new Fault(
      'UNAVAILABLE',
      'The quota could not be read. Try again with the same requestId.',
    );
  }

  /** A replay comes before quota: while the gate's memory is younger than a day, only the ledger knows for sure. */
  async function refuse(
    press: Press,
    refusal: Extract<TakeAnswer, { kind: 'refused' }>,
  ): Promise<Admission> {
    if (press.at - refusal.since < REQUEST_MEMORY_MS) {
      const generation = await ledger.findByRequest(press.account, press.requestKey);
      if (generation) return { kind: 'replayed', generation };
    }
    return { kind: 'refused', quota: refusal.quota };
  }

  async function awaitOpened(press: Press): Promise<Generation | null> {
    for (const waitMs of [0, ...REPLAY_LOOKS_MS]) {
      if (waitMs > 0) await new Promise<void>((resolve) => clock.after(waitMs, resolve));
      const generation = await ledger.findByRequest(press.account, press.requestKey);
      if (generation) return generation;
    }
    return null;
  }

  function healIfDue(account: string, answer: TakeAnswer): void {
    if ('healDue' in answer && answer.healDue) reckoner.heal(account);
  }

  return (press) => (press.units === 0 ? admitFree(press) : takeOrBypass(press));
}

function takingOf(press: Press) {
  const { account, id, requestKey, units, at } = press;
  return { account, generationId: id, requestKey, units, at };
}

function stillUnderWay(): Fault {
  return new Fault(
    'UNAVAILABLE',
    'This request is still being admitted. Try again with the same requestId.',
  );
}
