import type {
  ActionInForce,
  App,
  ChargeExplanation as Explanation,
  GenerationPage,
  PeriodUsage as Usage,
  PlanInForce,
  UpgradePreview as Preview,
} from '../app.js';
import * as domain from '../domain/generation.js';
import { remainingOf, type Quota as QuotaState } from '../domain/quota.js';
import { fileNameOf } from '../domain/file-name.js';
import { cursorOf } from './cursor.js';
import type { Action } from './types/action.js';
import type { Charge, LedgerEntry } from './types/charge.js';
import type { GenerationAccepted, QuotaExhausted } from './types/generate-result.js';
import type { Generation, GenerationConnection, Output } from './types/generation.js';
import type { PageInfo } from './types/page-info.js';
import type { Plan } from './types/plan.js';
import type { Quota, UpgradePreview } from './types/quota.js';
import type { ChargeExplanation, PeriodUsage } from './types/usage.js';

/**
 * What resolvers answer: a type's fields as plain data. Its class only describes the schema and is never constructed.
 */
export type Shape<T> = T extends Date | domain.Json ? T : { [Key in keyof T]: Shape<T[Key]> };

export function planOf({ id, name, limit, effectiveFrom }: PlanInForce): Shape<Plan> {
  return { id, name, unlimited: limit === null, limit, effectiveFrom: new Date(effectiveFrom) };
}

export function actionOf({ id, name, kind, metered, cost }: ActionInForce): Shape<Action> {
  return { id, name, kind, metered, cost };
}

export function quotaOf(app: App, quota: QuotaState): Shape<Quota> {
  const { limit, granted, used, held, pending } = quota;
  const plans = app.plans();
  return {
    plan: planOf(plans.find(({ id }) => id === quota.plan) ?? retiredPlan(quota)),
    unlimited: limit === null,
    limit,
    remaining: remainingOf(quota),
    used,
    held,
    granted,
    periodStart: new Date(quota.periodStart),
    resetsAt: new Date(quota.periodEnd),
    revision: quota.revision.toString(),
    pendingPlan: pending && pendingPlanOf(plans, pending.plan, pending.at),
  };
}

/** A plan taken out of the catalogue still serves those who are on it, by what their period holds. */
function retiredPlan({ plan, limit, periodStart }: QuotaState): PlanInForce {
  return { id: plan, name: plan, limit, effectiveFrom: periodStart };
}

/** Null for a plan that has left the catalogue meanwhile: nothing can be said about it. */
function pendingPlanOf(
  plans: readonly PlanInForce[],
  id: string,
  at: number,
): Shape<Quota['pendingPlan']> {
  const plan = plans.find((known) => known.id === id);
  return plan ? { plan: planOf(plan), at: new Date(at) } : null;
}

export function previewOf({
  plan,
  remaining,
  effectiveAt,
  resetsAt,
}: Preview): Shape<UpgradePreview> {
  return {
    plan: planOf(plan),
    unlimited: plan.limit === null,
    limit: plan.limit,
    remaining,
    effectiveAt: new Date(effectiveAt),
    resetsAt: new Date(resetsAt),
  };
}

export function generationOf(app: App, generation: domain.Generation): Shape<Generation> {
  const { id, account, createdAt, finishedAt } = generation;
  return {
    id,
    account,
    parentId: generation.parent,
    action: actionNamed(app, generation),
    prompt: generation.prompt,
    settings: generation.settings,
    inputs: [...generation.inputs],
    outputCount: generation.outputCount,
    progress: generation.progress,
    status: generation.status,
    charge: chargeOf(generation),
    outputs: generation.outputs.map((output, index) => outputOf(generation, output, index)),
    failure: generation.failure,
    createdAt: new Date(createdAt),
    finishedAt: finishedAt === null ? null : new Date(finishedAt),
    restoreBy: new Date(createdAt + domain.RESTORE_WITHIN_MS),
  };
}

function chargeOf(generation: domain.Generation): Shape<Charge> {
  const { charge: status, units, rule } = generation;
  return { status, units, rule, generation };
}

function actionNamed(app: App, generation: Pick<domain.Generation, 'action' | 'units'>) {
  const action = app.actions().find((known) => known.id === generation.action);
  return action ? actionOf(action) : retiredAction(generation);
}

/** History outlives the catalogue: an action that was removed is shown by what its id says. */
function retiredAction({
  action: id,
  units,
}: Pick<domain.Generation, 'action' | 'units'>): Shape<Action> {
  return { id, name: id, kind: id.replace(/\..*$/s, ''), metered: units > 0, cost: units };
}

function outputOf(
  { id, action, createdAt }: domain.Generation,
  output: domain.Output,
  index: number,
): Shape<Output> {
  const { contentType } = output;
  const fileName = fileNameOf({ action, createdAt, index, contentType, id });
  return { ...output, id: domain.outputId(id, index), fileName };
}

/** The ledger's lines about a generation. Grants raise a whole period's capacity: they are lines of no charge. */
export function linesOf(entries: readonly domain.LedgerEntry[]): Shape<LedgerEntry>[] {
  return entries.flatMap(({ subject, kind, units, reason, rule, at }) =>
    kind === 'GRANT'
      ? []
      : // A generation has at most one line of each kind.
        [{ id: `${subject}.${kind.toLowerCase()}`, kind, units, reason, rule, at: new Date(at) }],
  );
}

export function connectionOf(
  app: App,
  page: GenerationPage,
  after: string | null,
): Shape<GenerationConnection> {
  const edges = page.generations.map((generation) => ({
    cursor: cursorOf(generation.id),
    node: generationOf(app, generation),
  }));
  return { edges, pageInfo: pageInfoOf(edges, page.hasNextPage, after) };
}

/** Where a page lies in a list that is only gone through forwards. */
export function pageInfoOf(
  edges: readonly { cursor: string }[],
  hasNextPage: boolean,
  after: string | null,
): Shape<PageInfo> {
  return {
    hasNextPage,
    hasPreviousPage: after !== null,
    startCursor: edges[0]?.cursor ?? null,
    endCursor: edges.at(-1)?.cursor ?? null,
  };
}

export function acceptedOf(
  app: App,
  accepted: { generation: domain.Generation; quota: QuotaState; replayed: boolean },
): Shape<GenerationAccepted> {
  return {
    generation: generationOf(app, accepted.generation),
    quota: quotaOf(app, accepted.quota),
    replayed: accepted.replayed,
  };
}

export function exhaustedOf(
  app: App,
  state: QuotaState,
  upgrades: readonly PlanInForce[],
): Shape<QuotaExhausted> {
  const quota = quotaOf(app, state);
  return {
    message: exhaustedMessage(state, upgrades.length > 0),
    quota,
    resetsAt: quota.resetsAt,
    upgrades: upgrades.map(planOf),
  };
}

function exhaustedMessage(quota: QuotaState, canUpgrade: boolean): string {
  const allowed = `${(quota.limit ?? 0) + quota.granted} generations`;
  const left = remainingOf(quota) ?? 0;
  const reached =
    left === 0
      ? `You have used all ${allowed} of this month.`
      : `Only ${left} of your ${allowed} of this month is left, and this needs more.`;
  const reset = `Your generations are back on ${spoken.format(quota.periodEnd)} UTC.`;
  return [reached, reset, ...(canUpgrade ? ['Upgrade to go on now.'] : [])].join(' ');
}

// For example "18 March 2026 at 09:30".
const spoken = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'long',
  timeStyle: 'short',
  timeZone: 'UTC',
});

export function periodUsageOf(app: App, usage: Usage): Shape<PeriodUsage> {
  const { startsAt, endsAt, plan, limit, granted, used, held, restored } = usage;
  const days = usage.days.map(({ date, actions }) => ({
    date,
    actions: actions.map(({ action, ...counts }) => ({
      action: actionNamed(app, { action, units: counts.units }),
      ...counts,
    })),
  }));
  const period = { periodStart: new Date(startsAt), periodEnd: new Date(endsAt) };
  return { ...period, plan, limit, granted, used, held, restored, days };
}

export function explanationOf(
  app: App,
  { generation, summary, period }: Explanation,
): Shape<ChargeExplanation> {
  return {
    summary,
    generation: generationOf(app, generation),
    charge: chargeOf(generation),
    periodStart: new Date(period.startsAt),
    periodEnd: new Date(period.endsAt),
  };
}
