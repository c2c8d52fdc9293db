import type { Action, CountingRule } from './catalog.js';

/** The counting rule in force at `at`. A catalogue always has one from the epoch of its first plan on. */
export function ruleAt(rules: readonly CountingRule[], at: number): CountingRule | undefined {
  return rules.findLast((rule) => rule.effectiveFrom <= at);
}

/** Units one run of `action` takes under `rule`: per action, never per output, input or setting (R2, R5). */
export function unitsOf(rule: CountingRule, action: Action): number {
  return rule.costs[action.id] ?? (action.metered ? rule.meteredCost : 0);
}
