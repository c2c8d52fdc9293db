import { Field, ObjectType } from 'type-graphql';
import { Generation } from './generation.js';

@ObjectType({
  description: 'One generation in a page, with its place in the list.',
  simpleResolvers: true,
})
class GenerationEdge {
  @Field(() => String, {
    description: 'Opaque: pass it as `after` to go on behind this generation.',
  })
  cursor!: string;

  @Field(() => Generation, { description: 'The generation.' })
  node!: Generation;
}

@ObjectType({
  description: 'Where a page lies in its list (Relay’s PageInfo).',
  simpleResolvers: true,
})
class PageInfo {
  @Field(() => Boolean, {
    description: 'Whether there are older generations: ask again with `after: endCursor`.',
  })
  hasNextPage!: boolean;

  @Field(() => Boolean, {
    description: 'Whether there are newer generations in front of this page.',
  })
  hasPreviousPage!: boolean;

  @Field(() => String, {
    nullable: true,
    description: 'Cursor of the first generation in this page. Null: the page is empty.',
  })
  startCursor!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Cursor of the last generation in this page. Null: the page is empty.',
  })
  endCursor!: string | null;
}

@ObjectType({
  description: 'A page of the account’s history, newest first.',
  simpleResolvers: true,
})
export class GenerationConnection {
  @Field(() => [GenerationEdge], { description: 'The generations of this page.' })
  edges!: GenerationEdge[];

  @Field(() => PageInfo, { description: 'Whether and how to go on.' })
  pageInfo!: PageInfo;
}
