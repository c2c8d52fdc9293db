import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { v7 as uuidv7 } from 'uuid';
import type { LedgerAudit, Violation } from '../../src/audit.js';
import { systemClock } from '../../src/clock.js';
import type { EndStatus, Failure, Generation, Output } from '../../src/domain/generation.js';
import type { Subscription } from '../../src/domain/subscription.js';
import type { Erasure } from '../../src/erasure.js';
import type { History, Removals } from '../../src/history.js';
import type { Ledger, Opening, Reckoned, Reckoning, Settlement } from '../../src/ledger.js';
import { makeLedgerAudit } from '../../src/ledger/audit.js';
import type { Database, DatabaseOptions } from '../../src/ledger/database.js';
import { makeErasure } from '../../src/ledger/erasure.js';
import { makeHistory } from '../../src/ledger/history.js';
import { makeRemovals } from '../../src/ledger/removals.js';
import { makeLedger } from '../../src/ledger/typeorm.js';

/** Everything over one migrated database. */
export interface LedgerHarness {
  database: Database;
  ledger: Ledger;
  audit: LedgerAudit;
  history: History;
  removals: Removals;
  erasure: Erasure;
}

export function harnessOf(database: Database): LedgerHarness {
  return {
    database,
    ledger: makeLedger(database, systemClock),
    audit: makeLedgerAudit(database),
    history: makeHistory(database),
    removals: makeRemovals(database),
    erasure: makeErasure(database),
  };
}

export const START = Date.UTC(2026, 1, 25);
const MONTH = 28 * 24 * 60 * 60 * 1000;

export const newAccount = (): string => `acct-${randomUUID()}`;
export const keyOf = (request: string): string =>
  createHash('sha256').update(request).digest('base64url');

export function aSubscription(account: string, changes: Partial<Subscription> = {}): Subscription {
  return {
    account,
    plan: 'core',
    startedAt: START,
    billingCycle: 'MONTHLY',
    timeZone: 'UTC',
    term: 0,
    periodIndex: 0,
    pending: null,
    revision: 0,
    closedAt: null,
    ...changes,
  };
}

export function aReckoning(account: string, changes: Partial<Reckoning> = {}): Reckoning {
  return {
    subscription: aSubscription(account),
    expectedRevision: 0,
    period: { ref: { term: 0, index: 0 }, startsAt: START, endsAt: START + MONTH },
    limit: 10,
    limitFrom: START,
    gateEpoch: 0,
    takes: [],
    markStale: false,
    at: START + 1,
    ...changes,
  };
}

export async function reckon(ledger: Ledger, reckoning: Reckoning): Promise<Reckoned> {
  const reckoned = await ledger.reckon(reckoning);
  if (reckoned === 'moved') throw new Error('moved');
  return reckoned;
}

/** What the account's first period holds now. */
export const balance = (ledger: Ledger, account: string): Promise<Reckoned> =>
  reckon(ledger, aReckoning(account));

/** Everything the account has made, the newest first. */
export async function allOf({ history }: LedgerHarness, account: string): Promise<Generation[]> {
  const found: Generation[] = [];
  for (let before: string | null = null; ;) {
    const page: Generation[] = await history.list(account, 100, before, {});
    if (page.length === 0) return found;
    found.push(...page);
    before = page.at(-1)!.id;
  }
}

/** A fresh account with its first period open. */
export async function enrolled(ledger: Ledger, limit: number | null = 10): Promise<string> {
  const account = newAccount();
  await ledger.enroll(aSubscription(account), START);
  await reckon(ledger, aReckoning(account, { limit }));
  return account;
}

export function anOpening(
  account: string,
  changes: Partial<Generation> = {},
  around: Partial<Omit<Opening, 'generation'>> = {},
): Opening {
  const id = changes.id ?? uuidv7();
  const generation: Generation = {
    account,
    id,
    requestId: `request-${id}`,
    contentHash: 'c'.repeat(64),
    action: 'image.generate',
    kind: 'image',
    parent: null,
    prompt: 'a lighthouse at dawn',
    settings: { width: 512, deep: { list: [1, 'two', null] } },
    inputs: ['0190f5d2-7c1e-7000-8000-000000000001'],
    outputCount: 1,
    status: 'RUNNING',
    charge: 'HELD',
    units: 1,
    rule: '2026-02',
    period: { term: 0, index: 0 },
    provider: 'sketch',
    attempt: 1,
    createdAt: START + 10,
    deadlineAt: START + 600_000,
    finishedAt: null,
    failure: null,
    outputs: [],
    progress: null,
    deletedAt: null,
    ...changes,
  };
  return {
    generation,
    requestKey: keyOf(generation.requestId),
    dueAt: START + 30_000,
    owner: 'gateway-1',
    withoutGate: false,
    ...around,
  };
}

export async function opened(
  ledger: Ledger,
  account: string,
  changes: Partial<Generation> = {},
  around: Partial<Omit<Opening, 'generation'>> = {},
): Promise<Generation> {
  const answer = await ledger.open(anOpening(account, changes, around));
  if (answer.kind !== 'opened') throw new Error(answer.kind);
  return answer.generation;
}

export const anOutput: Output = {
  key: 'a1b2c3/generation/0.png',
  contentType: 'image/png',
  bytes: 1234,
  sha256: 'a'.repeat(64),
  width: 512,
  height: 384,
  durationMs: null,
  thumbnailKey: null,
};

const FAILURES: Record<Exclude<EndStatus, 'SUCCEEDED'>, Failure> = {
  FAILED: { code: 'PROVIDER_FAILED', message: 'The provider failed.', retryable: true },
  BLOCKED: { code: 'BLOCKED', message: 'Not allowed.', retryable: false },
  EXPIRED: { code: 'TIMED_OUT', message: 'It took too long.', retryable: true },
  CANCELLED: { code: 'CANCELLED', message: 'Cancelled.', retryable: true },
};

export function aSettlement(
  generation: Generation,
  status: EndStatus,
  changes: Partial<Settlement> = {},
): Settlement {
  return {
    account: generation.account,
    id: generation.id,
    status,
    failure: status === 'SUCCEEDED' ? null : FAILURES[status],
    outputs: status === 'SUCCEEDED' ? [anOutput, { ...anOutput, key: 'second' }] : [],
    reason: `It ended: ${status}`,
    actor: 'system',
    at: START + 20_000,
    attempt: generation.attempt,
    ...changes,
  };
}

/** Opened and ended at once. */
export async function ended(
  ledger: Ledger,
  account: string,
  status: EndStatus,
  changes: Partial<Generation> = {},
  around: Partial<Settlement> = {},
): Promise<Generation> {
  const generation = await opened(ledger, account, changes);
  const result = await ledger.settle(aSettlement(generation, status, around));
  if (result.kind !== 'settled') throw new Error(result.kind);
  return result.generation;
}

export async function violationsOf(audit: LedgerAudit): Promise<Violation[]> {
  const found: Violation[] = [];
  // An instant before every deadline the samples set: what is still open is not overdue.
  for await (const violation of audit.violations(START + 1_000, 0)) found.push(violation);
  return found;
}

const MIGRATE = `
  import { openDatabase } from './src/ledger/database.ts';
  import { migrate } from './src/ledger/migrate.ts';
  const database = await openDatabase(JSON.parse(process.env.OPTIONS), console);
  console.log((await migrate(database)).length);
  await database.dispose();`;

/** Migrates in a process of its own; answers how many migrations ran there. */
export async function migrateElsewhere(options: DatabaseOptions): Promise<number> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '--eval', MIGRATE],
    {
      env: { ...process.env, NODE_OPTIONS: '', OPTIONS: JSON.stringify(options) },
      timeout: 25_000,
    },
  );
  return Number(stdout);
}
