import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import type { Job, Lookup, Outcome, ProducedFile, Provider } from '../provider.js';
import { readCallback } from './http/callback.js';
import { makeCalls, whyOf, type Calls } from './http/calls.js';
import { endpointOf, type Endpoint, type EndpointOptions } from './http/endpoint.js';
import { follow, makeAlarm, type Alarm } from './http/follow.js';
import { outcomeOf, outcomeOfError } from './http/outcome.js';
import { downloadOf, type JobState } from './http/protocol.js';
import { makeDownload } from './wire/download.js';
import { Unusable } from './wire/exchange.js';
import { DEFAULT_PATIENCE, makeResilience } from './wire/resilience.js';
import type { Patience, Resilience } from './wire/resilience.js';
import { untilAborted } from './wire/until-aborted.js';

export interface HttpProviderOptions extends EndpointOptions {
  /** First wait between two looks at a job; it grows to 15 s. */
  pollMs: number;
  clock: Clock;
  log: Log;
  /** For one call, and for silence within a download. */
  attemptTimeoutMs?: number;
  patience?: Partial<Patience>;
}

// Creating and asking are meant to be quick: the work goes on behind them.
const ATTEMPT_TIMEOUT_MS = 30_000;
// The largest file that is stored: two minutes of video at 32 Mbit/s. Within ten minutes it has to come with 7 Mbit/s.
const MAX_OUTPUT_BYTES = 512 * 2 ** 20;
const OUTPUT_WITHIN_MS = 10 * 60_000;

interface Connection extends HttpProviderOptions {
  endpoint: Endpoint;
  resilience: Resilience;
  attemptTimeoutMs: number;
  calls: Calls;
}

/**
 * Any provider that speaks the asynchronous protocol of docs/PROVIDERS.md: jobs are created, looked at until they end, called off,
 * and may be called back about. A callback is a reason to look now and nothing else, so a lost, late or doubled one does no harm.
 * Throws at once when url, key or secret cannot be right. Neither prompts nor links nor the key are logged.
 */
export function makeHttpProvider(options: HttpProviderOptions): Provider {
  const connection = connect(options);
  const { endpoint, calls, clock } = connection;
  const { webhook } = endpoint;
  // Of the jobs dispatched by this process, so that a callback to it is felt at once.
  const alarms = new Map<string, Alarm>();
  const provider: Provider = {
    name: endpoint.name,
    async dispatch(job, signal) {
      signal.throwIfAborted();
      const alarm = makeAlarm(clock);
      alarms.set(job.id, alarm);
      const callOff = (): void => {
        if (signal.reason !== 'shutdown') void calls.callOff(job.id);
      };
      signal.addEventListener('abort', callOff, { once: true });
      try {
        return await untilAborted(run(connection, job, alarm, signal), signal);
      } finally {
        signal.removeEventListener('abort', callOff);
        // Dispatched anew meanwhile, the job has another one.
        if (alarms.get(job.id) === alarm) alarms.delete(job.id);
      }
    },
    lookup: (job, signal) => lookUp(connection, job, signal),
  };
  if (!webhook) return provider;
  return {
    ...provider,
    readCallback(callback) {
      const id = readCallback(webhook, callback, clock);
      if (id !== null) alarms.get(id)?.ring();
      return id;
    },
  };
}

function connect(options: HttpProviderOptions): Connection {
  const endpoint = endpointOf(options);
  const patience = { ...DEFAULT_PATIENCE, ...options.patience };
  const resilience = makeResilience(patience, endpoint.name, options.log);
  const { attemptTimeoutMs = ATTEMPT_TIMEOUT_MS } = options;
  const parts = { ...options, endpoint, resilience, attemptTimeoutMs };
  return { ...parts, calls: makeCalls(parts) };
}

async function run(
  connection: Connection,
  job: Job,
  alarm: Alarm,
  signal: AbortSignal,
): Promise<Outcome> {
  const { calls, endpoint, clock, log, pollMs } = connection;
  try {
    const endOf = (state: JobState) => endIn(connection, job, state);
    const callsBack = endpoint.callbackUrl !== null;
    return await follow({ calls, endOf, alarm, clock, pollMs, callsBack }, job, signal);
  } catch (error) {
    signal.throwIfAborted();
    const outcome = outcomeOfError(error);
    if (!outcome) throw error;
    log.warn({ provider: endpoint.name, job: job.id, why: whyOf(error) }, 'provider: gave up');
    // It may have begun all the same, and nobody will ask for it any more.
    void calls.callOff(job.id);
    return outcome;
  }
}

/** What of a job its outputs depend on. */
type Asked = Pick<Job, 'id' | 'outputCount' | 'deadlineAt'>;

async function lookUp(connection: Connection, job: Asked, signal: AbortSignal): Promise<Lookup> {
  const { calls, endpoint, log } = connection;
  try {
    const told = await calls.read(job.id, signal);
    if (told.kind === 'refused') return told.outcome;
    if (told.kind === 'unknown') return told;
    return endIn(connection, job, told.state) ?? { kind: 'running' };
  } catch (error) {
    signal.throwIfAborted();
    const outcome = outcomeOfError(error);
    if (!outcome) throw error;
    log.info({ provider: endpoint.name, job: job.id, why: whyOf(error) }, 'provider: cannot tell');
    // It may be working on it: whoever wants to know asks again.
    return error instanceof Unusable ? outcome : { kind: 'running' };
  }
}

function endIn(connection: Connection, job: Asked, state: JobState): Outcome | null {
  return outcomeOf(state, () => filesOf(connection, job, state), connection.endpoint.key);
}

/** The outputs as files that are fetched when they are read. Those from elsewhere are left out, the others count (R5). */
function filesOf(connection: Connection, job: Asked, { outputs }: JobState): ProducedFile[] {
  const { endpoint, resilience, clock, log, attemptTimeoutMs: idleMs } = connection;
  const begin = resilience.repeat({ id: job.id, leftMs: () => job.deadlineAt - clock.now() });
  const bounds = { maxBytes: MAX_OUTPUT_BYTES, withinMs: OUTPUT_WITHIN_MS, idleMs };
  const requests = (outputs ?? [])
    .slice(0, job.outputCount)
    .map(({ url }) => downloadOf(url, endpoint));
  const allowed = requests.filter((request) => request !== null);
  if (allowed.length < job.outputCount) {
    const facts = { asked: job.outputCount, answered: requests.length, allowed: allowed.length };
    const message = 'provider: fewer outputs than asked for, or from origins not in outputOrigins';
    log.warn({ provider: endpoint.name, job: job.id, ...facts }, message);
  }
  return allowed.map((request) => ({
    content: makeDownload(request, { ...bounds, clock, begin }),
  }));
}
