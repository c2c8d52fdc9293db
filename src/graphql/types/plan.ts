import { Field, ID, Int, ObjectType } from 'type-graphql';
import { DateTime } from './scalars.js';

@ObjectType({
  description: 'A plan as it is in force now: how many generations it allows per month.',
  simpleResolvers: true,
})
export class Plan {
  @Field(() => ID, {
    description: 'Stable id: what `changePlan` and `upgradePreview` take. For example `core`.',
  })
  id!: string;

  @Field(() => String, { description: 'Name to show to people.' })
  name!: string;

  @Field(() => Boolean, { description: 'True when the plan sets no limit; then `limit` is null.' })
  unlimited!: boolean;

  @Field(() => Int, {
    nullable: true,
    description: 'Generations per monthly period. Null if and only if `unlimited`.',
  })
  limit!: number | null;

  @Field(() => DateTime, { description: 'Since when this limit has applied.' })
  effectiveFrom!: Date;
}
