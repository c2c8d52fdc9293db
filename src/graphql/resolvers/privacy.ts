import { Arg, Ctx, ID, Mutation, Resolver } from 'type-graphql';
import { accountId, textWithin } from '../checks.js';
import { accountOf, operatorOf, type Context } from '../context.js';
import type { Shape } from '../map.js';
import { AccountDeletion, DataExport } from '../types/usage.js';

const MAX_REASON_LENGTH = 500;

@Resolver()
export class Privacy {
  @Mutation(() => DataExport, {
    description:
      'A link to an archive of everything that is kept about the token’s account: subscription, history with what it cost, files, workspaces. It works for 15 minutes.',
  })
  exportMyData(@Ctx() context: Context): Shape<DataExport> {
    const { url, expiresAt } = context.links.export(accountOf(context));
    return { url, expiresAt: new Date(expiresAt) };
  }

  @Mutation(() => AccountDeletion, {
    description:
      'Operators. Closes an account and deletes its personal data: prompts, files, workspaces, its name. The ledger stays, under an alias that says nothing. It cannot be undone. Repeat it until `done`. NOT_FOUND: there is no such account (any more).',
  })
  async deleteAccount(
    @Arg('reason', () => String, { description: 'Why, 1 to 500 characters; kept in the log.' })
    reason: string,
    @Arg('accountId', () => ID, { description: 'Whose: the subject of that person’s tokens.' })
    account: string,
    @Ctx() context: Context,
  ): Promise<Shape<AccountDeletion>> {
    const operator = operatorOf(context);
    return context.app.deleteAccount(
      operator,
      accountId('accountId', account),
      textWithin('reason', reason, 1, MAX_REASON_LENGTH),
    );
  }
}
