/** What a deployment meters: plans with dated limits, actions, dated counting rules (R1–R4, R11). Data, never constants. */
export interface Catalog {
  plans: readonly Plan[];
  actions: readonly Action[];
  /** Ordered by `effectiveFrom`, oldest first. */
  rules: readonly CountingRule[];
}

export interface Plan {
  id: string;
  name: string;
  /** Ordered by `effectiveFrom`, oldest first; never empty. */
  versions: readonly PlanVersion[];
}

/** A plan's limit from an instant on. `limit` counts generations per period; null is unlimited. */
export interface PlanVersion {
  effectiveFrom: number;
  limit: number | null;
}

export type ActionKind = 'image' | 'video' | 'audio' | 'style' | 'changes' | 'frame' | 'prompt';

export interface Action {
  id: string;
  name: string;
  kind: ActionKind;
  /** True: started by `generate` and counted. False: free, served by the GraphQL field `field`. */
  metered: boolean;
  /** The GraphQL field that serves a free action. */
  field?: string;
  /** Who serves it: the first one, and when that fails the next. Empty: the deployment's default. */
  providers: readonly string[];
  /** Longest time from acceptance to an end state; the deployment's default when absent. At most 2 hours (R6). */
  deadlineMs?: number;
}

/** How actions are counted from an instant on. Its id is stamped on every ledger entry (R11). */
export interface CountingRule {
  id: string;
  effectiveFrom: number;
  /** Units of one metered action unless `costs` names it. One, whatever the tool or settings (R2). */
  meteredCost: number;
  /** Exceptions by action id; free actions cost 0 unless named here. */
  costs: Readonly<Record<string, number>>;
}

export function findPlan(catalog: Catalog, id: string): Plan | undefined {
  return catalog.plans.find((plan) => plan.id === id);
}

export function findAction(catalog: Catalog, id: string): Action | undefined {
  return catalog.actions.find((action) => action.id === id);
}
