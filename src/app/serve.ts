import { findAction } from '../domain/catalog.js';
import { Fault } from '../domain/fault.js';
import type { Generation } from '../domain/generation.js';
import type { Job, Outcome, Provider, ProviderRequest } from '../provider.js';
import type { Core } from './core.js';
import { INPUT_GONE, PROVIDER_FAULT, store, type Delivery } from './deliver.js';
import { jobOf } from './job.js';
import { makeProgress } from './progress.js';

/** Who can serve the request, in the catalogue's order; or what the first of them finds wrong with it. */
export function candidates(
  core: Core,
  providers: readonly string[],
  request: ProviderRequest,
): string[] | { problem: string } {
  const problems = providers.map((name) => core.providers.get(name)?.check?.(request) ?? null);
  const able = providers.filter((_, index) => problems[index] === null);
  return able.length > 0 ? able : { problem: problems[0] ?? 'Nobody here can do this.' };
}

/**
 * Asks the generation's provider and, when that fails, those behind it in the catalogue. What moderation blocked stays
 * blocked: nobody is asked a second time. What comes after the signal aborted is stored all the same, since it may be a late
 * success, until `dropped` aborts.
 */
export async function serve(
  core: Core,
  generation: Generation,
  signal: AbortSignal,
  dropped: AbortSignal,
): Promise<Delivery> {
  const progress = makeProgress(core, generation);
  try {
    const job = await jobOf(core, generation, progress.report);
    return await ask(core, generation, job, signal, dropped);
  } catch (error) {
    if (error instanceof Fault && error.code === 'BAD_USER_INPUT') {
      return { kind: 'failed', failure: INPUT_GONE };
    }
    throw error;
  } finally {
    progress.stop();
  }
}

async function ask(
  core: Core,
  generation: Generation,
  job: Job,
  signal: AbortSignal,
  dropped: AbortSignal,
): Promise<Delivery> {
  let delivery: Delivery = { kind: 'failed', failure: PROVIDER_FAULT };
  for (const name of chainOf(core, generation, job)) {
    if (name !== generation.provider) {
      if (signal.aborted) return delivery;
      // Written down first: whoever takes over after a crash asks the one that has the job.
      const noted = await core.ledger.note(generation, { provider: name, progress: null });
      if (!noted) return delivery;
      core.log.warn({ generation: generation.id, provider: name }, 'the next provider is asked');
    }
    const outcome = await dispatch(core, core.providers.get(name), job, signal);
    delivery = await store(core, { ...generation, provider: name }, outcome, dropped);
    if (delivery.kind !== 'failed') return delivery;
  }
  return delivery;
}

/** The provider it is with, then those behind that one that can do it. */
function chainOf(core: Core, { action, provider }: Generation, job: Job): string[] {
  const listed = findAction(core.catalog, action)?.providers ?? [];
  const behind = listed.slice(listed.indexOf(provider) + 1);
  const able = behind.length > 0 ? candidates(core, behind, job) : [];
  return [provider, ...(Array.isArray(able) && listed.includes(provider) ? able : [])];
}

async function dispatch(
  core: Core,
  provider: Provider | undefined,
  job: Job,
  signal: AbortSignal,
): Promise<Outcome> {
  try {
    if (!provider) throw new Error('its provider is not configured here');
    return await provider.dispatch(job, signal);
  } catch (error) {
    if (!signal.aborted) core.log.error({ err: error, generation: job.id }, 'provider fault');
    return { kind: 'failed', failure: PROVIDER_FAULT };
  }
}
