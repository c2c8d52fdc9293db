/**
 * One Lua script per operation of the gate: Redis runs each as one atomic step, change and publication together.
 *
 * KEYS[1] the account's hash, KEYS[2] its channel, KEYS[3] the request's key where one is needed; all in one slot. Fields
 * of the hash:
 *   plan limit granted used held term index periodStart periodEnd validUntil pendingPlan pendingAt revision
 *                   the quota; `limit` is absent when unlimited, `pendingPlan` and `pendingAt` when nothing is scheduled
 *   remaining       limit + granted - used, absent when unlimited; negative after a downgrade
 *   open            number of takes
 *   t:<generation>  one take, `units:at`
 *   healAt          when this is to be compared with the ledger: some time after the first take since it last was
 *   since           how long back requests are remembered without a gap
 *
 * Lua's numbers are doubles and print with 14 digits only; revisions have up to 16. So counting is left to HINCRBY (64-bit
 * integers) and what is read is passed on as the text it was.
 */
const SHARED = `
local gate, channel = KEYS[1], KEYS[2]

local function get(field) return redis.call('HGET', gate, field) end
local function count(field, by) return redis.call('HINCRBY', gate, field, by) end

-- The quota as JSON.
local function quota()
  local v = redis.call('HMGET', gate, 'plan', 'limit', 'granted', 'used', 'held', 'term', 'index', 'periodStart',
    'periodEnd', 'validUntil', 'pendingPlan', 'pendingAt', 'revision')
  local pending = 'null'
  if v[11] then pending = '{"plan":' .. cjson.encode(v[11]) .. ',"at":' .. v[12] .. '}' end
  return '{"plan":' .. cjson.encode(v[1]) .. ',"limit":' .. (v[2] or 'null') .. ',"granted":' .. v[3] ..
    ',"used":' .. v[4] .. ',"held":' .. v[5] .. ',"period":{"term":' .. v[6] .. ',"index":' .. v[7] ..
    '},"periodStart":' .. v[8] .. ',"periodEnd":' .. v[9] .. ',"validUntil":' .. v[10] ..
    ',"pending":' .. pending .. ',"revision":' .. v[13] .. '}'
end

-- SPUBLISH, not PUBLISH: in a cluster it stays on the account's own shard instead of reaching every node.
local function publish()
  local json = quota()
  redis.call('SPUBLISH', channel, '{"kind":"quota","quota":' .. json .. '}')
  return json
end

local function changed()
  count('revision', 1)
  return publish()
end

-- Whether the account is known and what is known of it still holds.
local function valid(at)
  local validUntil = get('validUntil')
  return validUntil and tonumber(at) < tonumber(validUntil)
end

local function in_period(term, index)
  return get('term') == term and get('index') == index
end

local function heal_due(at)
  local healAt = get('healAt')
  return healAt and tonumber(at) >= tonumber(healAt) and 1 or 0
end

local function add_take(id, units, at, heal_at)
  if get('remaining') then count('remaining', -units) end
  count('used', units)
  count('held', units)
  count('open', 1)
  redis.call('HSET', gate, 't:' .. id, units .. ':' .. at)
  redis.call('HSETNX', gate, 'healAt', heal_at)
  return changed()
end

local function end_take(id, restored)
  local take = get('t:' .. id)
  if not take then return false end
  local units = tonumber(string.match(take, '^%d+'))
  redis.call('HDEL', gate, 't:' .. id)
  count('held', -units)
  if restored then
    count('used', -units)
    if get('remaining') then count('remaining', units) end
  end
  count('open', -1)
  changed()
  return true
end
`;

/**
 * ARGV: generation, units, at, healAt if none is armed, '1' to ignore a remembered request, request memory in ms.
 * Replays come first, before anything is known of the account; a take that is there is never taken again, also when what
 * is known has meanwhile expired; a refusal writes nothing.
 */
const TAKE = `${SHARED}
local request, id, units, at = KEYS[3], ARGV[1], ARGV[2], ARGV[3]
local remembered = redis.call('GET', request)
if remembered and remembered ~= id and ARGV[5] ~= '1' then return {'replayed', remembered} end
if get('t:' .. id) then return {'taken', quota(), heal_due(at)} end
if not valid(at) then return {'unknown'} end
local remaining = get('remaining')
if remaining and tonumber(remaining) < tonumber(units) then
  return {'refused', quota(), heal_due(at), get('since')}
end
redis.call('SET', request, id, 'PX', ARGV[6])
return {'taken', add_take(id, units, at, ARGV[4]), heal_due(at)}
`;

/**
 * ARGV: generation, units, at, healAt if none is armed, term, index, first revision of the hold's epoch. `remaining` may become
 * negative: the ledger is right. 0: the state of that epoch is yet to come.
 */
const ADOPT = `${SHARED}
local id, revision = ARGV[1], get('revision')
if not revision or tonumber(revision) < tonumber(ARGV[7]) then return 0 end
if not in_period(ARGV[5], ARGV[6]) or get('t:' .. id) then return 1 end
add_take(id, ARGV[2], ARGV[3], ARGV[4])
return 1
`;

/** ARGV: generation, 'posted' or 'restored', term, index. The units are those of the take. */
const SETTLE = `${SHARED}
if not in_period(ARGV[3], ARGV[4]) then return 'elsewhere' end
return end_take(ARGV[1], ARGV[2] == 'restored') and 'settled' or 'missing'
`;

/** ARGV: generation, what its request means instead ('' for nothing). Takes in the hash always belong to its period. */
const RELEASE = `${SHARED}
local request, id, standing = KEYS[3], ARGV[1], ARGV[2]
if redis.call('GET', request) == id then
  if standing == '' then redis.call('DEL', request) else redis.call('SET', request, standing, 'KEEPTTL') end
end
end_take(id, true)
return 1
`;

/** ARGV: at. Nil when nothing valid is known. */
const READ = `${SHARED}
if not valid(ARGV[1]) then return false end
return {quota(), heal_due(ARGV[1])}
`;

/** Answers the quota, then generation and `units:at` of each take; nil when nothing is known. */
const INSPECT = `${SHARED}
local all = redis.call('HGETALL', gate)
if #all == 0 then return false end
local view = {quota()}
for i = 1, #all, 2 do
  if string.sub(all[i], 1, 2) == 't:' then
    view[#view + 1] = string.sub(all[i], 3)
    view[#view + 1] = all[i + 1]
  end
end
return view
`;

/**
 * ARGV: first revision of the new state's epoch, the only revision it may replace (or ''), at, life in ms, '1' to remember
 * requests anew, then field and value of everything but `since`. A state of an older epoch has a revision below that first one, and only such is replaced.
 */
const PUT = `${SHARED}
local revision = get('revision')
if revision and (tonumber(revision) >= tonumber(ARGV[1]) or (ARGV[2] ~= '' and ARGV[2] ~= revision)) then return 0 end
local since = ARGV[5] ~= '1' and get('since') or ARGV[3]
redis.call('DEL', gate)
redis.call('HSET', gate, 'since', since)
for i = 6, #ARGV, 2 do redis.call('HSET', gate, ARGV[i], ARGV[i + 1]) end
redis.call('PEXPIRE', gate, ARGV[4])
publish()
return 1
`;

/** For ioredis: it sends a script's text once per connection, then its hash, and the text again when Redis forgot it. */
export const SCRIPTS = {
  gateTake: { lua: TAKE, numberOfKeys: 3 },
  gateAdopt: { lua: ADOPT, numberOfKeys: 2 },
  gateSettle: { lua: SETTLE, numberOfKeys: 2 },
  gateRelease: { lua: RELEASE, numberOfKeys: 3 },
  gateRead: { lua: READ, numberOfKeys: 2 },
  gateInspect: { lua: INSPECT, numberOfKeys: 2 },
  gatePut: { lua: PUT, numberOfKeys: 2 },
};

type Argument = string | number;

/** The scripts as methods of the connection, with what they answer. */
export interface ScriptCommands {
  gateTake(...args: Argument[]): Promise<TakeReply>;
  gateAdopt(...args: Argument[]): Promise<number>;
  gateSettle(...args: Argument[]): Promise<'settled' | 'missing' | 'elsewhere'>;
  gateRelease(...args: Argument[]): Promise<number>;
  gateRead(...args: Argument[]): Promise<[quota: string, healDue: number] | null>;
  gateInspect(...args: Argument[]): Promise<[quota: string, ...takes: string[]] | null>;
  gatePut(...args: Argument[]): Promise<number>;
}

type TakeReply =
  | ['taken', quota: string, healDue: number]
  | ['refused', quota: string, healDue: number, since: string]
  | ['replayed', generationId: string]
  | ['unknown'];
