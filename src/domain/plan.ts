import { findPlan, type Catalog, type Plan, type PlanVersion } from './catalog.js';

/** A plan that takes over by itself at an instant: a downgrade waiting for the next reset. */
export interface PendingPlan {
  plan: string;
  at: number;
}

/** Why a plan allows nothing: the catalogue does not name it, or its first version is yet to come. */
export type PlanProblem =
  | { kind: 'unknown-plan'; plan: string }
  | { kind: 'not-effective'; plan: string; effectiveFrom: number };

/** The plan of that id with the version in force at `at`, or why there is none. */
export function planAt(
  catalog: Catalog,
  id: string,
  at: number,
): { kind: 'effective'; plan: Plan; version: PlanVersion } | PlanProblem {
  const plan = findPlan(catalog, id);
  if (!plan) return { kind: 'unknown-plan', plan: id };
  const version = versionAt(plan, at);
  if (!version) return { kind: 'not-effective', plan: id, effectiveFrom: nextVersionAt(plan, at) };
  return { kind: 'effective', plan, version };
}

/** The plan's latest version whose effective date has come; undefined before its first (R1). */
export function versionAt(plan: Plan, at: number): PlanVersion | undefined {
  return plan.versions.findLast((version) => version.effectiveFrom <= at);
}

/** The instant the plan's limit changes next after `at`; Infinity when no later version is known. */
export function nextVersionAt(plan: Plan, at: number): number {
  return plan.versions.find((version) => version.effectiveFrom > at)?.effectiveFrom ?? Infinity;
}

/** Whether `to` allows less than `from`, so that it waits for the next reset. Null is unlimited. */
export function isDowngrade(from: number | null, to: number | null): boolean {
  return to !== null && (from === null || to < from);
}
