import type { Plan, PlanVersion } from './catalog.js';

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
