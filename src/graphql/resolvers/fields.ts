import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { explainCharge } from '../../domain/explain.js';
import { countWithin } from '../checks.js';
import type { Context } from '../context.js';
import { idIn } from '../cursor.js';
import { connectionOf, generationOf, linesOf, type Shape } from '../map.js';
import { Charge, LedgerEntry } from '../types/charge.js';
import { Generation, GenerationConnection, Output } from '../types/generation.js';

/** What is worked out only when a query asks for it: reads of the ledger and signatures. */
@Resolver(() => Charge)
export class ChargeFields {
  @FieldResolver(() => [LedgerEntry])
  async entries(
    @Root() { generation }: Charge,
    @Ctx() context: Context,
  ): Promise<Shape<LedgerEntry>[]> {
    return linesOf(await context.entriesOf(generation.account, generation.id));
  }

  @FieldResolver(() => String)
  async explanation(@Root() { generation }: Charge, @Ctx() context: Context): Promise<string> {
    return explainCharge(generation, await context.entriesOf(generation.account, generation.id));
  }
}

@Resolver(() => Output)
export class OutputFields {
  @FieldResolver(() => String)
  url(
    @Root() { key, fileName: name }: Output,
    @Arg('download', () => Boolean, {
      defaultValue: false,
      description: 'True: a browser that opens the link saves the file instead of showing it.',
    })
    download: boolean,
    @Ctx() { links }: Context,
  ): string {
    return links.file({ key, name, download });
  }

  @FieldResolver(() => String, { nullable: true })
  thumbnailUrl(
    @Root() { thumbnailKey: key, fileName }: Output,
    @Ctx() { links }: Context,
  ): string | null {
    return key && links.file({ key, name: thumbnailName(fileName), download: false });
  }
}

const CHILDREN_DEFAULT = 10;
const CHILDREN_MAX = 100;

@Resolver(() => Generation)
export class GenerationFields {
  @FieldResolver(() => Generation, { nullable: true })
  async parent(
    @Root() { account, parentId }: Generation,
    @Ctx() context: Context,
  ): Promise<Shape<Generation> | null> {
    const parent = parentId === null ? null : await context.generationOf(account, parentId);
    return parent && generationOf(context.app, parent);
  }

  @FieldResolver(() => GenerationConnection)
  async children(
    @Root() { account, id }: Generation,
    @Arg('after', () => String, {
      nullable: true,
      description: 'Go on behind this child: a `cursor` or `endCursor` answered before.',
    })
    after: string | null | undefined,
    @Arg('first', () => Int, {
      nullable: true,
      defaultValue: CHILDREN_DEFAULT,
      description: 'How many to answer, 1 to 100.',
    })
    first: number | null,
    @Ctx() { app }: Context,
  ): Promise<Shape<GenerationConnection>> {
    const count = countWithin('first', first ?? CHILDREN_DEFAULT, 1, CHILDREN_MAX);
    const seen = after == null ? null : idIn(after);
    const page = await app.generations(account, count, seen, { parent: id });
    return connectionOf(app, page, seen);
  }
}

/** Thumbnails are WebP, whatever they are of. */
function thumbnailName(fileName: string): string {
  return `${fileName.replace(/\.[a-z0-9]+$/, '')}-small.webp`;
}
