import { Field, ObjectType } from 'type-graphql';

@ObjectType({
  description: 'Where a page lies in its list (Relay’s PageInfo).',
  simpleResolvers: true,
})
export class PageInfo {
  @Field(() => Boolean, {
    description: 'Whether there is more: ask again with `after: endCursor`.',
  })
  hasNextPage!: boolean;

  @Field(() => Boolean, {
    description: 'Whether there is something in front of this page.',
  })
  hasPreviousPage!: boolean;

  @Field(() => String, {
    nullable: true,
    description: 'Cursor of the first entry in this page. Null: the page is empty.',
  })
  startCursor!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Cursor of the last entry in this page. Null: the page is empty.',
  })
  endCursor!: string | null;
}
