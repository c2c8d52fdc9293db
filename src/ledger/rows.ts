import type { ActionKind } from '../domain/catalog.js';
import type {
  Failure,
  FailureCode,
  Generation,
  GenerationContent,
  GenerationStatus,
  LedgerEntry,
  LedgerEntryKind,
  ChargeStatus,
  Output,
} from '../domain/generation.js';
import type { BillingCycle, Subscription } from '../domain/subscription.js';
import type { Opening } from '../ledger.js';

export type Value = string | number | null;
/** One row as a driver answers it. MySQL answers sums as text: read numbers through `int`. */
export type Row = Record<string, Value>;

export const SUBSCRIPTION_COLUMNS =
  'account, plan, started_at, billing_cycle, time_zone, term, period_index, pending_plan, pending_at, revision, closed_at';
export const GENERATION_COLUMNS =
  'account, id, request_id, content_hash, action, prompt, settings, inputs, output_count, status, charge_status, units, ' +
  'rule, term, period_idx, provider, attempt, created_at, deadline_at, finished_at, failure_code, failure_message, failure_retryable, ' +
  'kind, parent, progress, deleted_at';
export const OUTPUT_COLUMNS =
  'generation_id, asset_key, content_type, bytes, sha256, width, height, duration_ms, thumbnail_key';
export const ENTRY_COLUMNS =
  'account, subject, kind, units, reason, rule, term, period_idx, actor, at';

/** As the actions of the first catalogue are named, up to the first dot. */
const KINDS: readonly ActionKind[] = [
  'image',
  'video',
  'audio',
  'style',
  'changes',
  'frame',
  'prompt',
];

// Words for people, from providers and operators too: too long a one must not keep a generation from ending.
const MAX_WORDS = 4_000;

export function text(row: Row, column: string): string {
  const value = row[column];
  if (value === null || value === undefined) throw new Error(`The ledger's ${column} is empty.`);
  return String(value);
}

export function int(row: Row, column: string): number {
  const value = Number(text(row, column));
  if (Number.isNaN(value)) throw new Error(`The ledger's ${column} is not a number.`);
  return value;
}

export function intOrNull(row: Row, column: string): number | null {
  return (row[column] ?? null) === null ? null : int(row, column);
}

function textOrNull(row: Row, column: string): string | null {
  return (row[column] ?? null) === null ? null : text(row, column);
}

export function subscriptionOf(row: Row): Subscription {
  const pendingPlan = textOrNull(row, 'pending_plan');
  return {
    account: text(row, 'account'),
    plan: text(row, 'plan'),
    startedAt: int(row, 'started_at'),
    billingCycle: text(row, 'billing_cycle') as BillingCycle,
    timeZone: text(row, 'time_zone'),
    term: int(row, 'term'),
    periodIndex: int(row, 'period_index'),
    pending: pendingPlan === null ? null : { plan: pendingPlan, at: int(row, 'pending_at') },
    revision: int(row, 'revision'),
    closedAt: intOrNull(row, 'closed_at'),
  };
}

export function subscriptionRow(subscription: Subscription, at: number): Row {
  return {
    account: subscription.account,
    plan: subscription.plan,
    started_at: subscription.startedAt,
    billing_cycle: subscription.billingCycle,
    time_zone: subscription.timeZone,
    term: subscription.term,
    period_index: subscription.periodIndex,
    pending_plan: subscription.pending?.plan ?? null,
    pending_at: subscription.pending?.at ?? null,
    revision: subscription.revision,
    // Not 0: under the name of an account that was deleted, revisions must not go back either.
    epoch: Math.floor(at / 60_000),
    stale_at: null,
    created_at: at,
  };
}

export function generationOf(row: Row, outputs: readonly Output[]): Generation {
  return {
    ...contentOf(row),
    account: text(row, 'account'),
    id: text(row, 'id'),
    kind: kindOf(row),
    parent: textOrNull(row, 'parent'),
    requestId: text(row, 'request_id'),
    contentHash: text(row, 'content_hash'),
    status: text(row, 'status') as GenerationStatus,
    charge: text(row, 'charge_status') as ChargeStatus,
    units: int(row, 'units'),
    rule: text(row, 'rule'),
    period: { term: int(row, 'term'), index: int(row, 'period_idx') },
    provider: text(row, 'provider'),
    attempt: int(row, 'attempt'),
    createdAt: int(row, 'created_at'),
    deadlineAt: int(row, 'deadline_at'),
    finishedAt: intOrNull(row, 'finished_at'),
    failure: failureOf(row),
    outputs,
    progress: intOrNull(row, 'progress'),
    deletedAt: intOrNull(row, 'deleted_at'),
  };
}

/** A gateway of the version before, which may still run beside this one, writes no kind: what the action is named by. */
function kindOf(row: Row): ActionKind {
  const kind = text(row, 'kind');
  if (kind !== '') return kind as ActionKind;
  const [named] = text(row, 'action').split('.');
  return KINDS.find((known) => known === named) ?? 'image';
}

function contentOf(row: Row): GenerationContent {
  const settings = textOrNull(row, 'settings');
  return {
    action: text(row, 'action'),
    prompt: textOrNull(row, 'prompt'),
    settings:
      settings === null ? null : (JSON.parse(settings) as NonNullable<Generation['settings']>),
    inputs: JSON.parse(text(row, 'inputs')) as string[],
    outputCount: int(row, 'output_count'),
  };
}

function failureOf(row: Row): Failure | null {
  const code = textOrNull(row, 'failure_code');
  if (code === null) return null;
  return {
    code: code as FailureCode,
    message: text(row, 'failure_message'),
    retryable: int(row, 'failure_retryable') === 1,
  };
}

export function failureValues(failure: Failure | null): {
  failure_code: Value;
  failure_message: Value;
  failure_retryable: Value;
} {
  return {
    failure_code: failure?.code ?? null,
    failure_message: failure?.message.slice(0, MAX_WORDS) ?? null,
    failure_retryable: failure === null ? null : Number(failure.retryable),
  };
}

export function generationRow({ generation, requestKey, dueAt, owner }: Opening): Row {
  return {
    account: generation.account,
    id: generation.id,
    request_id: generation.requestId,
    request_key: requestKey,
    content_hash: generation.contentHash,
    action: generation.action,
    kind: generation.kind,
    parent: generation.parent,
    prompt: generation.prompt,
    settings: generation.settings === null ? null : JSON.stringify(generation.settings),
    inputs: JSON.stringify(generation.inputs),
    output_count: generation.outputCount,
    status: generation.status,
    charge_status: generation.units === 0 ? 'FREE' : 'HELD',
    units: generation.units,
    rule: generation.rule,
    term: generation.period.term,
    period_idx: generation.period.index,
    provider: generation.provider,
    attempt: generation.attempt,
    owner,
    due_at: dueAt,
    created_at: generation.createdAt,
    deadline_at: generation.deadlineAt,
    finished_at: null,
    ...failureValues(null),
  };
}

export function outputOf(row: Row): Output {
  return {
    key: text(row, 'asset_key'),
    contentType: text(row, 'content_type'),
    bytes: int(row, 'bytes'),
    sha256: text(row, 'sha256'),
    width: intOrNull(row, 'width'),
    height: intOrNull(row, 'height'),
    durationMs: intOrNull(row, 'duration_ms'),
    thumbnailKey: textOrNull(row, 'thumbnail_key'),
  };
}

export function outputRow(account: string, generationId: string, idx: number, o: Output): Row {
  return {
    account,
    generation_id: generationId,
    idx,
    asset_key: o.key,
    content_type: o.contentType,
    bytes: o.bytes,
    sha256: o.sha256,
    width: o.width,
    height: o.height,
    duration_ms: o.durationMs,
    thumbnail_key: o.thumbnailKey,
  };
}

export function entryOf(row: Row): LedgerEntry {
  return {
    account: text(row, 'account'),
    subject: text(row, 'subject'),
    kind: text(row, 'kind') as LedgerEntryKind,
    units: int(row, 'units'),
    reason: text(row, 'reason'),
    rule: text(row, 'rule'),
    period: { term: int(row, 'term'), index: int(row, 'period_idx') },
    actor: text(row, 'actor'),
    at: int(row, 'at'),
  };
}

export function entryRow(entry: LedgerEntry): Row {
  return {
    account: entry.account,
    subject: entry.subject,
    kind: entry.kind,
    units: entry.units,
    reason: entry.reason.slice(0, MAX_WORDS),
    rule: entry.rule,
    term: entry.period.term,
    period_idx: entry.period.index,
    actor: entry.actor,
    at: entry.at,
  };
}
