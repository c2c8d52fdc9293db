import { epochOf, revisionOf, type Quota } from '../domain/quota.js';
import {
  KEEP_AFTER_PERIOD_MS,
  REQUEST_MEMORY_MS,
  type Gate,
  type GateState,
  type TakeAnswer,
} from '../gate.js';
import type { Log } from '../log.js';
import { channelOf, tagOf } from '../redis.js';
import { connectGate, type GateConnection } from './connection.js';
import type { ScriptCommands } from './scripts.js';
import { assertUnits } from './units.js';

export interface RedisGateOptions {
  /** `redis://` or `rediss://`; Redis 7 or later. */
  url: string;
  /** Before every key and channel, so that deployments can share a server. Letters, digits, `_`, `.`, `-` and `:`. */
  prefix?: string;
  /** How long after a take the account is healed. */
  healAfterMs: number;
  log: Log;
  /** Longest wait for an answer before `GateUnavailable`. */
  commandTimeoutMs?: number;
}

const SCAN_COUNT = 200;

/** The gate in Redis, shared by every process with the same prefix. Needs `maxmemory-policy noeviction`. */
export function makeRedisGate(options: RedisGateOptions): Gate {
  const { prefix = 'genquota', healAfterMs, log, commandTimeoutMs = 2000 } = options;
  if (!/^[\w.:-]+$/.test(prefix)) throw new Error(`unusable Redis prefix ${prefix}`);
  const connection = connectGate({ url: options.url, log, commandTimeoutMs });
  const keysOf = (account: string) => keysOfAccount(prefix, account);
  const requestOf = (account: string, key: string) => `${prefix}:${tagOf(account)}:request:${key}`;

  return {
    async take({ account, generationId, requestKey, units, at, ignoreReplay = false }) {
      assertUnits(units);
      const keys = [...keysOf(account), requestOf(account, requestKey)];
      const args = [generationId, units, at, at + healAfterMs, ignoreReplay ? 1 : 0];
      return takeAnswer(
        await connection.ask((redis) => redis.gateTake(...keys, ...args, REQUEST_MEMORY_MS)),
      );
    },
    async adopt({ account, generationId, units, period, at }, epoch) {
      assertUnits(units);
      const args = [generationId, units, at, at + healAfterMs, period.term, period.index];
      const known = await connection.ask((redis) =>
        redis.gateAdopt(...keysOf(account), ...args, revisionOf(epoch)),
      );
      return known === 1;
    },
    settle({ account, generationId, period }, end) {
      const args = [generationId, end, period.term, period.index];
      return connection.ask((redis) => redis.gateSettle(...keysOf(account), ...args));
    },
    async release(account, generationId, requestKey, standing) {
      const keys = [...keysOf(account), requestOf(account, requestKey)];
      await connection.ask((redis) => redis.gateRelease(...keys, generationId, standing ?? ''));
    },
    async read(account, at) {
      const reply = await connection.ask((redis) => redis.gateRead(...keysOf(account), at));
      return reply && { quota: quotaFrom(reply[0]), healDue: reply[1] === 1 };
    },
    async inspect(account) {
      const reply = await connection.ask((redis) => redis.gateInspect(...keysOf(account)));
      if (!reply) return null;
      const [quota, ...takes] = reply;
      return { quota: quotaFrom(quota), holds: holdsFrom(takes) };
    },
    async put(state, onlyAtRevision) {
      // Relative to the state's own time, so that a test's clock works: Redis counts from now, whenever that is.
      const lifeMs = Math.max(state.quota.periodEnd - state.at, 0) + KEEP_AFTER_PERIOD_MS;
      const epochStart = revisionOf(epochOf(state.quota.revision));
      const missed = state.requestsMissed ? 1 : 0;
      const args = [epochStart, onlyAtRevision ?? '', state.at, lifeMs, missed];
      const fields = fieldsOf(state, healAfterMs);
      return (
        1 ===
        (await connection.ask((redis) =>
          redis.gatePut(...keysOf(state.account), ...args, ...fields),
        ))
      );
    },
    async forget(account) {
      const [hash] = keysOf(account);
      await connection.ask((redis) => redis.del(hash));
    },
    sweep: (cursor, at) => sweep(connection, prefix, cursor, at),
    dispose: () => connection.dispose(),
  };
}

function keysOfAccount(prefix: string, account: string): [hash: string, channel: string] {
  return [`${prefix}:${tagOf(account)}:gate`, channelOf(prefix, account)];
}

function accountOf(key: string): string {
  const tag = key.slice(key.indexOf('{') + 1, key.indexOf('}'));
  return Buffer.from(tag, 'base64url').toString();
}

function takeAnswer(reply: Awaited<ReturnType<ScriptCommands['gateTake']>>): TakeAnswer {
  switch (reply[0]) {
    case 'taken':
      return { kind: 'taken', quota: quotaFrom(reply[1]), healDue: reply[2] === 1 };
    case 'refused': {
      const [kind, quota, healDue, since] = reply;
      return { kind, quota: quotaFrom(quota), healDue: healDue === 1, since: Number(since) };
    }
    case 'replayed':
      return { kind: 'replayed', generationId: reply[1] };
    case 'unknown':
      return { kind: 'unknown' };
  }
}

function quotaFrom(json: string): Quota {
  return JSON.parse(json) as Quota;
}

/** From `[generation, 'units:at', generation, 'units:at', …]`. */
function holdsFrom(takes: readonly string[]): GateState['holds'] {
  const holds: GateState['holds'] = [];
  for (let i = 0; i + 1 < takes.length; i += 2) {
    const [units, at] = (takes[i + 1] ?? '').split(':');
    holds.push({ generationId: takes[i] ?? '', units: Number(units), at: Number(at) });
  }
  return holds;
}

/** Field and value in turn, as `scripts.ts` describes the hash. */
function fieldsOf({ quota, holds, at }: GateState, healAfterMs: number): (string | number)[] {
  const { plan, limit, granted, used, held, period, periodStart, periodEnd, validUntil } = quota;
  const fields: Record<string, string | number> = {
    ...{ plan, granted, used, held, ...period, periodStart, periodEnd, validUntil },
    ...(limit !== null && { limit, remaining: limit + granted - used }),
    ...(quota.pending && { pendingPlan: quota.pending.plan, pendingAt: quota.pending.at }),
    revision: quota.revision,
    open: holds.length,
    ...(holds.length > 0 && { healAt: at + healAfterMs }),
  };
  const takes = holds.flatMap((hold) => [`t:${hold.generationId}`, `${hold.units}:${hold.at}`]);
  return [...Object.entries(fields).flat(), ...takes];
}

/** Looks at the next few hundred keys of the server and answers whose `healAt` has come. */
async function sweep(
  connection: GateConnection,
  prefix: string,
  cursor: string | null,
  at: number,
): ReturnType<Gate['sweep']> {
  const match = `${prefix}:{*}:gate`;
  const [next, found] = await connection.ask((redis) =>
    redis.scan(cursor ?? '0', 'MATCH', match, 'COUNT', SCAN_COUNT),
  );
  const keys = [...new Set(found)]; // SCAN may name a key twice.
  const healAts = await connection.ask((redis) =>
    Promise.all(keys.map((key) => redis.hget(key, 'healAt'))),
  );
  const due = keys.filter((_, i) => healAts[i] != null && at >= Number(healAts[i]));
  return { due: due.map(accountOf), next: next === '0' ? null : next };
}
