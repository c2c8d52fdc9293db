import { Arg, Ctx, ID, Mutation, Resolver } from 'type-graphql';
import type { GrantRequest, PutSubscriptionRequest } from '../../app.js';
import { accountId, countWithin, MAX_ID_LENGTH, textWithin } from '../checks.js';
import { accountOf, operatorOf, type Context } from '../context.js';
import { generationOf, quotaOf, type Shape } from '../map.js';
import { Generation } from '../types/generation.js';
import { ChangePlanInput, GrantInput, PutSubscriptionInput } from '../types/inputs.js';
import { Quota } from '../types/quota.js';

const MAX_GRANT = 1_000_000;
const MAX_REASON_LENGTH = 500;
// The longest IANA zone name has 32 characters.
const MAX_ZONE_LENGTH = 64;

/** Plans, grants and restorations: what changes an account's capacity. */
@Resolver()
export class Capacity {
  @Mutation(() => Quota, {
    description:
      'Changes the token’s own plan. An upgrade takes effect at once, with what is used carried over; a smaller plan at the next reset (see `pendingPlan`). Changing to the present plan calls a scheduled change off. FORBIDDEN where the deployment leaves plans to billing.',
  })
  async changePlan(
    @Arg('input', () => ChangePlanInput, { description: 'Which plan.' }) input: ChangePlanInput,
    @Ctx() context: Context,
  ): Promise<Shape<Quota>> {
    const account = accountOf(context);
    const plan = textWithin('input.plan', input.plan, 1, MAX_ID_LENGTH);
    return quotaOf(context.app, await context.app.changePlan(account, plan));
  }

  @Mutation(() => Quota, {
    description:
      'Operators: records an account’s subscription, its first or a changed one. Idempotent; a changed plan keeps the period, a changed `startedAt` begins new ones. A scheduled change of plan is replaced by what this says.',
  })
  async putSubscription(
    @Arg('input', () => PutSubscriptionInput, { description: 'The subscription as it is now.' })
    input: PutSubscriptionInput,
    @Ctx() context: Context,
  ): Promise<Shape<Quota>> {
    operatorOf(context);
    return quotaOf(context.app, await context.app.putSubscription(subscriptionOf(input)));
  }

  @Mutation(() => Quota, {
    description: 'Operators: adds units to an account’s present period. They lapse at its reset.',
  })
  async grantGenerations(
    @Arg('input', () => GrantInput, { description: 'Whom, how many and why.' }) input: GrantInput,
    @Ctx() context: Context,
  ): Promise<Shape<Quota>> {
    const operator = operatorOf(context);
    return quotaOf(context.app, await context.app.grantGenerations(grantOf(input, operator)));
  }

  @Mutation(() => Generation, {
    description:
      'Operators: gives a counted generation’s units back, to the period they were taken from, whichever account it belongs to. One already restored, by the gateway or by Support, is answered as it is. BAD_USER_INPUT: it is still open, or it cost nothing. NOT_FOUND: no account has one with this id.',
  })
  async restoreGeneration(
    @Arg('reason', () => String, {
      description:
        'Why, 1 to 500 characters. Kept in the ledger and shown to the person as `LedgerEntry.reason`.',
    })
    reason: string,
    @Arg('id', () => ID, { description: 'The generation’s id.' }) id: string,
    @Ctx() context: Context,
  ): Promise<Shape<Generation>> {
    const { app } = context;
    const operator = operatorOf(context);
    const why = textWithin('reason', reason, 1, MAX_REASON_LENGTH);
    return generationOf(
      app,
      await app.restoreGeneration(operator, textWithin('id', id, 1, MAX_ID_LENGTH), why),
    );
  }
}

function subscriptionOf(input: PutSubscriptionInput): PutSubscriptionRequest {
  return {
    account: accountId('input.accountId', input.accountId),
    plan: textWithin('input.plan', input.plan, 1, MAX_ID_LENGTH),
    startedAt: input.startedAt.getTime(),
    billingCycle: input.billingCycle ?? 'MONTHLY',
    timeZone: textWithin('input.timeZone', input.timeZone ?? 'UTC', 1, MAX_ZONE_LENGTH),
    immediately: input.immediately ?? false,
  };
}

function grantOf(input: GrantInput, operator: string): GrantRequest {
  return {
    account: accountId('input.accountId', input.accountId),
    amount: countWithin('input.amount', input.amount, 1, MAX_GRANT),
    reason: textWithin('input.reason', input.reason, 1, MAX_REASON_LENGTH),
    operator,
  };
}
