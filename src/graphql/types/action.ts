import { Field, ID, Int, ObjectType } from 'type-graphql';

@ObjectType({ description: 'Something a person can ask for.', simpleResolvers: true })
export class Action {
  @Field(() => ID, {
    description: 'Stable id: what `generate` takes. For example `image.generate`.',
  })
  id!: string;

  @Field(() => String, { description: 'Name to show to people.' })
  name!: string;

  @Field(() => String, {
    description:
      'What it makes: `image`, `video`, `audio`, `style`, `changes`, `frame` or `prompt`. Other kinds may be added: treat an unknown one as generic.',
  })
  kind!: string;

  @Field(() => Boolean, {
    description:
      'True: started by `generate` and counted against the quota. False: free, also with nothing remaining, and served by a field or upload of its own.',
  })
  metered!: boolean;

  @Field(() => Int, {
    description:
      'Units one run takes from the quota, whatever its settings, inputs or number of outputs. 0 for free actions.',
  })
  cost!: number;
}
