import { v7 as newId } from 'uuid';
import type { GrantRequest, PutSubscriptionRequest } from './requests.js';
import { ruleAt } from '../domain/counting.js';
import { Fault } from '../domain/fault.js';
import { isTimeZone } from '../domain/period.js';
import { agree, changePlan, type Change } from '../domain/plan-change.js';
import type { Quota } from '../domain/quota.js';
import type { Subscription } from '../domain/subscription.js';
import type { Core } from './core.js';
import { requirePlan, unusablePlan } from './plans.js';
import { firstSeen, newSubscription, type Reckoner } from './reckon.js';

/** What changes an account's capacity: its subscription and grants. Each is one ledger transaction, then the gate. */
export interface Subscriptions {
  put(request: PutSubscriptionRequest): Promise<Quota>;
  changeOwnPlan(account: string, plan: string): Promise<Quota>;
  grant(request: GrantRequest): Promise<Quota>;
}

export function makeSubscriptions(core: Core, reckoner: Reckoner): Subscriptions {
  const subscriptionOf = (change: Change): Subscription => {
    if (change.kind === 'changed') return change.subscription;
    throw unusablePlan(core, change);
  };

  return {
    async put({ account, immediately, ...terms }) {
      requirePlan(core, terms.plan);
      if (terms.startedAt > core.clock.now()) {
        throw new Fault(
          'BAD_USER_INPUT',
          'startedAt is in the future. Send the instant the subscription began.',
        );
      }
      if (!isTimeZone(terms.timeZone)) {
        throw new Fault(
          'BAD_USER_INPUT',
          `timeZone ${terms.timeZone} is unknown. Send an IANA name such as Europe/Berlin.`,
        );
      }
      return reckoner.change(account, (present, at) =>
        present === null
          ? newSubscription(account, terms)
          : subscriptionOf(agree(present, core.catalog, terms, at, { immediately })),
      );
    },

    async changeOwnPlan(account, plan) {
      if (!core.selfServicePlans) {
        throw new Fault(
          'FORBIDDEN',
          'Plans are changed by the operator here. Ask them for the upgrade.',
        );
      }
      requirePlan(core, plan);
      return reckoner.change(account, (present, at) => {
        const current = present ?? firstSeen(core, account, at);
        return subscriptionOf(changePlan(current, core.catalog, plan, at, { immediately: false }));
      });
    },

    async grant({ account, amount, reason, operator }) {
      const rule = ruleAt(core.catalog.rules, core.clock.now());
      return reckoner.change(account, (present, at) => present ?? firstSeen(core, account, at), {
        id: newId(),
        units: amount,
        reason,
        actor: operator,
        rule: rule?.id ?? '',
      });
    },
  };
}
