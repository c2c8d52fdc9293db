import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { Context } from '../context.js';
import { linesOf, type Shape } from '../map.js';
import { Charge, LedgerEntry } from '../types/charge.js';
import { Output } from '../types/generation.js';

/** What is worked out only when a query asks for it: reads of the ledger and signatures. */
@Resolver(() => Charge)
export class ChargeFields {
  @FieldResolver(() => [LedgerEntry])
  async entries(
    @Root() { account, generationId }: Charge,
    @Ctx() context: Context,
  ): Promise<Shape<LedgerEntry>[]> {
    return linesOf(await context.entriesOf(account, generationId));
  }
}

@Resolver(() => Output)
export class OutputFields {
  @FieldResolver(() => String)
  url(@Root() { key }: Output, @Ctx() context: Context): string {
    return context.outputUrl(key);
  }
}
