import type { Action, CountingRule } from './catalog.js';

/** The counting rule in force at `at`. A catalogue has one from its first plan version on; undefined before. */
export function ruleAt(rules: readonly CountingRule[], at: number): CountingRule | undefined {
  return rules.findLast((rule) => rule.effectiveFrom <= at);
}

/** Units one run of `action` takes under `rule`: per action, never per output, input or setting (R2, R5). */
export function unitsOf(rule: CountingRule, action: Action): number {
  // Own keys only: an action may be called `constructor`.
  const exception = Object.hasOwn(rule.costs, action.id) ? rule.costs[action.id] : undefined;
  return exception ?? (action.metered ? rule.meteredCost : 0);
}
