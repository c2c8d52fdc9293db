import { Arg, Ctx, ID, Int, Query, Resolver } from 'type-graphql';
import { countWithin, MAX_ID_LENGTH, textWithin } from '../checks.js';
import { accountOf, type Context } from '../context.js';
import { generationIdIn } from '../cursor.js';
import {
  actionOf,
  connectionOf,
  generationOf,
  planOf,
  previewOf,
  quotaOf,
  type Shape,
} from '../map.js';
import { Action } from '../types/action.js';
import { GenerationConnection } from '../types/connection.js';
import { Generation } from '../types/generation.js';
import { Plan } from '../types/plan.js';
import { Quota, UpgradePreview } from '../types/quota.js';

const PAGE_DEFAULT = 20;
const PAGE_MAX = 100;

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

  @Query(() => Generation, {
    nullable: true,
    description: 'One generation of the token’s account. Null: the account has none with this id.',
  })
  async generation(
    @Arg('id', () => ID, { description: 'The generation’s id.' }) id: string,
    @Ctx() context: Context,
  ): Promise<Shape<Generation> | null> {
    const account = accountOf(context);
    const found = await context.app.generation(account, textWithin('id', id, 1, MAX_ID_LENGTH));
    return found && generationOf(context.app, found);
  }

  @Query(() => GenerationConnection, {
    description: 'The account’s history, newest first: everything accepted, whatever became of it.',
  })
  async generations(
    // Decorators run from the last parameter to the first: this order puts `first` first in the schema.
    @Arg('after', () => String, {
      nullable: true,
      description:
        'Go on behind this generation: a `cursor` or `endCursor` answered before. Absent: from the newest.',
    })
    after: string | null | undefined,
    @Arg('first', () => Int, {
      nullable: true,
      defaultValue: PAGE_DEFAULT,
      description: 'How many to answer, 1 to 100.',
    })
    first: number | null,
    @Ctx() context: Context,
  ): Promise<Shape<GenerationConnection>> {
    const account = accountOf(context);
    const count = countWithin('first', first ?? PAGE_DEFAULT, 1, PAGE_MAX);
    const seen = after == null ? null : generationIdIn(after);
    return connectionOf(context.app, await context.app.generations(account, count, seen), seen);
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
