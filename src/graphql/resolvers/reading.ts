import { Arg, Ctx, ID, Query, Resolver } from 'type-graphql';
import { MAX_ID_LENGTH, textWithin } from '../checks.js';
import { accountOf, type Context } from '../context.js';
import { actionOf, planOf, previewOf, quotaOf, type Shape } from '../map.js';
import { Action } from '../types/action.js';
import { Plan } from '../types/plan.js';
import { Quota, UpgradePreview } from '../types/quota.js';

@Resolver()
export class Reading {
  @Query(() => Quota, {
    description:
      'What the token’s account may still generate this month. To keep it current, subscribe to `quotaChanged`.',
  })
  async quota(@Ctx() context: Context): Promise<Shape<Quota>> {
    return quotaOf(context.app, await context.app.quota(accountOf(context)));
  }

  @Query(() => [Plan], {
    description: 'The plans in force now, in the catalogue’s order. Needs no token.',
  })
  plans(@Ctx() { app }: Context): Shape<Plan>[] {
    return app.plans().map(planOf);
  }

  @Query(() => [Action], {
    description:
      'The catalogue of actions: those that count against the quota and those that are free. Needs no token.',
  })
  actions(@Ctx() { app }: Context): Shape<Action>[] {
    return app.actions().map(actionOf);
  }

  @Query(() => UpgradePreview, {
    description:
      'What changing to a plan would give the token’s account, and when. Nothing is changed by asking.',
  })
  async upgradePreview(
    @Arg('plan', () => ID, { description: 'Id of the plan; see `plans`.' }) plan: string,
    @Ctx() context: Context,
  ): Promise<Shape<UpgradePreview>> {
    const account = accountOf(context);
    return previewOf(
      await context.app.upgradePreview(account, textWithin('plan', plan, 1, MAX_ID_LENGTH)),
    );
  }
}
