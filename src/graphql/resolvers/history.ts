import { Arg, Ctx, ID, Int, Mutation, Query, Resolver } from 'type-graphql';
import type { GenerationQuery } from '../../app.js';
import { countWithin, MAX_ID_LENGTH, textWithin } from '../checks.js';
import { accountOf, type Context } from '../context.js';
import { idIn } from '../cursor.js';
import { connectionOf, explanationOf, generationOf, periodUsageOf, type Shape } from '../map.js';
import { Generation, GenerationConnection } from '../types/generation.js';
import { GenerationFilter } from '../types/inputs.js';
import { ChargeExplanation, PeriodUsage } from '../types/usage.js';

const PAGE_DEFAULT = 20;
const PAGE_MAX = 100;
// Two years of months; each is one read of all that was pressed in it.
const PERIODS_MAX = 24;
const MAX_TEXT_LENGTH = 200;

@Resolver()
export class History {
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
    description:
      'The account’s history, newest first: everything accepted and not deleted, whatever became of it. Pages stay exact while new ones arrive, and every page costs the same.',
  })
  async generations(
    // Decorators run from the last parameter to the first: this order puts `first` first in the schema.
    @Arg('filter', () => GenerationFilter, {
      nullable: true,
      description: 'Which of them. Absent: all.',
    })
    filter: GenerationFilter | null | undefined,
    @Arg('after', () => String, {
      nullable: true,
      description:
        'Go on behind this generation: a `cursor` or `endCursor` answered before, with the same filter. Absent: from the newest.',
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
    const { app } = context;
    const account = accountOf(context);
    const count = countWithin('first', first ?? PAGE_DEFAULT, 1, PAGE_MAX);
    const seen = after == null ? null : idIn(after);
    const query = filter ? queryOf(filter) : {};
    return connectionOf(app, await app.generations(account, count, seen, query), seen);
  }

  @Query(() => ChargeExplanation, {
    description:
      'Why a generation of the token’s account cost what it cost, or came back. NOT_FOUND: the account has none with this id.',
  })
  async explainCharge(
    @Arg('generationId', () => ID, { description: 'The generation’s id.' }) generationId: string,
    @Ctx() context: Context,
  ): Promise<Shape<ChargeExplanation>> {
    const account = accountOf(context);
    const id = textWithin('generationId', generationId, 1, MAX_ID_LENGTH);
    return explanationOf(context.app, await context.app.explainCharge(account, id));
  }

  @Query(() => [PeriodUsage], {
    description:
      'What the token’s account used, by day and action: the present period first, then those before it that had any use.',
  })
  async usage(
    @Arg('first', () => Int, {
      nullable: true,
      defaultValue: 1,
      description: 'How many periods, 1 to 24. The present one is the first.',
    })
    first: number | null,
    @Ctx() context: Context,
  ): Promise<Shape<PeriodUsage>[]> {
    const count = countWithin('first', first ?? 1, 1, PERIODS_MAX);
    const periods = await context.app.usage(accountOf(context), count);
    return periods.map((period) => periodUsageOf(context.app, period));
  }

  @Mutation(() => ID, {
    description:
      'Deletes a generation of the token’s account for good: prompt, settings, links and files. One that is open is cancelled first. What it cost stays counted; copies saved to workspaces stay there. Other screens are not told: a link that answers 404 means that they should read again. Answers its id. NOT_FOUND: the account has none with this id (any more).',
  })
  async deleteGeneration(
    @Arg('id', () => ID, { description: 'The generation’s id.' }) id: string,
    @Ctx() context: Context,
  ): Promise<string> {
    const account = accountOf(context);
    await context.app.deleteGeneration(account, textWithin('id', id, 1, MAX_ID_LENGTH));
    return id;
  }
}

function queryOf(filter: GenerationFilter): GenerationQuery {
  const { action, kind, status, from, to, workspace, text } = filter;
  const id = (name: string, value: string) => textWithin(`filter.${name}`, value, 1, MAX_ID_LENGTH);
  return {
    ...(action != null && { action: id('action', action) }),
    ...(kind != null && { kind: id('kind', kind) }),
    ...(status != null && { status }),
    ...(from != null && { from: from.getTime() }),
    ...(to != null && { to: to.getTime() }),
    ...(workspace != null && { workspace: id('workspace', workspace) }),
    ...(text != null && { text: textWithin('filter.text', text, 1, MAX_TEXT_LENGTH) }),
  };
}
