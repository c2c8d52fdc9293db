import { Arg, Ctx, ID, Resolver, Root, Subscription } from 'type-graphql';
import type { Generation as GenerationState } from '../../domain/generation.js';
import type { Quota as QuotaState } from '../../domain/quota.js';
import { MAX_ID_LENGTH, textWithin } from '../checks.js';
import { accountOf, type Context } from '../context.js';
import { generationOf, quotaOf, type Shape } from '../map.js';
import { Generation } from '../types/generation.js';
import { Quota } from '../types/quota.js';

interface Opening<Args> {
  args: Args;
  context: Context;
}

@Resolver()
export class Watching {
  @Subscription(() => Quota, {
    description:
      'The account’s quota: the present value first, then every change, the monthly reset included. Only the newest value counts; steps in between may be left out. `revision` never goes back.',
    subscribe: ({ context }: Opening<unknown>) => context.app.watchQuota(accountOf(context)),
  })
  quotaChanged(@Root() quota: QuotaState, @Ctx() { app }: Context): Shape<Quota> {
    return quotaOf(app, quota);
  }

  @Subscription(() => Generation, {
    description:
      'Generations of the account as they change. With `id`: that one, its present state first. Without: all of them, from now on.',
    subscribe: ({ args, context }: Opening<{ id?: string | null }>) =>
      context.app.watchGenerations(
        accountOf(context),
        args.id == null ? null : textWithin('id', args.id, 1, MAX_ID_LENGTH),
      ),
  })
  generationChanged(
    @Root() generation: GenerationState,
    @Arg('id', () => ID, {
      nullable: true,
      description: 'The generation to follow. Absent: all of the account’s.',
    })
    _id: string | null | undefined,
    @Ctx() { app }: Context,
  ): Shape<Generation> {
    return generationOf(app, generation);
  }
}
