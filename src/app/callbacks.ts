import { isOpen, type Generation } from '../domain/generation.js';
import type { Callback } from '../provider.js';
import type { Core } from './core.js';
import { settlementOf, store } from './deliver.js';
import type { Dispatcher } from './dispatch.js';
import { lookUp } from './look-up.js';
import type { Settle } from './settle.js';

/**
 * Takes what a provider sent by itself, as a reason to look now and nothing else. `forged`: its signature or form is wrong.
 * `unknown`: no such provider, or one that sends none. Answers once it is verified; the looking goes on behind it.
 */
export type Reported = (provider: string, callback: Callback) => CallbackAnswer;

export type CallbackAnswer = 'taken' | 'forged' | 'unknown';

// Each may be storing files of hundreds of megabytes. What is more than that, its own process or recovery looks at all the same.
const MAX_LOOKS = 16;

/** What is cut off by a shutdown is lost without harm, as a callback that never came. */
export function makeReported(
  core: Core,
  { settle, dispatcher }: { settle: Settle; dispatcher: Pick<Dispatcher, 'runs'> },
): Reported {
  const { providers, log } = core;
  const looks = new Map<string, { again: boolean }>();

  return (name, callback) => {
    const provider = providers.get(name);
    if (!provider?.readCallback) return 'unknown';
    const id = provider.readCallback(callback);
    if (id === null) return 'forged';
    // The dispatch that runs in this very process has been woken by its provider.
    if (!dispatcher.runs(id)) begin(name, id);
    return 'taken';
  };

  function begin(name: string, id: string): void {
    const under = looks.get(id);
    if (under) {
      // The answer on its way may be older than this callback.
      under.again = true;
      return;
    }
    if (looks.size >= MAX_LOOKS) {
      log.info({ provider: name, generation: id }, 'too many callbacks at once; one was dropped');
      return;
    }
    const one = { again: true };
    looks.set(id, one);
    void look(name, id, one).finally(() => looks.delete(id));
  }

  async function look(name: string, id: string, one: { again: boolean }): Promise<void> {
    try {
      while (one.again) {
        one.again = false;
        await settleDelivered(core, settle, name, id);
      }
    } catch (error) {
      log.warn({ err: error, provider: name, generation: id }, 'a callback was not followed up');
    }
  }
}

/**
 * Ends a generation that its provider has delivered. Other ends are left to the process that runs it, which may know another
 * provider to ask, or to recovery when that process was lost.
 */
async function settleDelivered(
  core: Core,
  settle: Settle,
  provider: string,
  id: string,
): Promise<void> {
  const generation = await core.ledger.locate(id);
  if (generation?.provider !== provider || !isWelcome(generation)) return;
  const found = await lookUp(core, generation);
  if (found?.kind !== 'delivered') return;
  const delivery = await store(core, generation, found);
  if (delivery.kind === 'delivered') await settle(settlementOf(core, generation, delivery));
}

/** Whether a success still counts: what was cancelled or blocked stays so, what came too late is the person's, free. */
function isWelcome(generation: Generation): boolean {
  const { status, deletedAt } = generation;
  return deletedAt === null && (isOpen(generation) || status === 'EXPIRED' || status === 'FAILED');
}
