import type { PlanInForce, UpgradePreview } from './requests.js';
import { Fault } from '../domain/fault.js';
import { planAt, versionAt, type PlanProblem } from '../domain/plan.js';
import { previewChange } from '../domain/plan-change.js';
import type { Quota } from '../domain/quota.js';
import type { Core } from './core.js';

/** The catalogue's plans with the limit in force now; those yet to begin are left out. */
export function plansInForce({ catalog, clock }: Core): PlanInForce[] {
  const at = clock.now();
  return catalog.plans.flatMap((plan) => {
    const version = versionAt(plan, at);
    return version ? [{ id: plan.id, name: plan.name, ...version }] : [];
  });
}

/** Plans that allow more than `limit`; none above unlimited. */
export function upgradesOf(core: Core, limit: number | null): PlanInForce[] {
  if (limit === null) return [];
  return plansInForce(core).filter((plan) => plan.limit === null || plan.limit > limit);
}

/** What `plan` would give the account: at once when it is an upgrade, at the next reset otherwise (R10). */
export async function previewUpgrade(
  core: Core,
  account: string,
  quota: Quota,
  plan: string,
): Promise<UpgradePreview> {
  const subscription = await core.ledger.subscription(account);
  if (!subscription) throw new Fault('NO_SUBSCRIPTION', 'The account has no subscription yet.');
  const at = core.clock.now();
  const preview = previewChange(subscription, core.catalog, quota.used, quota.granted, plan, at);
  if (preview.kind !== 'preview') throw unusablePlan(core, preview);
  const { plan: offered, limit, limitFrom, remaining, effectiveAt, resetsAt } = preview;
  return {
    plan: { id: offered.id, name: offered.name, limit, effectiveFrom: limitFrom },
    remaining,
    effectiveAt,
    resetsAt,
  };
}

/** Throws BAD_USER_INPUT unless the plan can be subscribed to now. */
export function requirePlan(core: Core, plan: string): void {
  const answer = planAt(core.catalog, plan, core.clock.now());
  if (answer.kind !== 'effective') throw unusablePlan(core, answer);
}

/** BAD_USER_INPUT that names the plans there are. */
export function unusablePlan(core: Core, problem: PlanProblem): Fault {
  const known = plansInForce(core).map((plan) => plan.id);
  return new Fault('BAD_USER_INPUT', `${describe(problem)}. Choose one of: ${known.join(', ')}.`);
}

/** The problem in words, without a full stop. */
export function describe(problem: PlanProblem): string {
  return problem.kind === 'unknown-plan'
    ? `There is no plan ${problem.plan}`
    : `The plan ${problem.plan} begins on ${new Date(problem.effectiveFrom).toISOString()}`;
}
