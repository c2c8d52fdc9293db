import { Field, ID, Int, ObjectType } from 'type-graphql';

@ObjectType({
  description: 'Something people do in a studio, and whether it counts against the quota.',
  simpleResolvers: true,
})
export class Action {
  @Field(() => ID, {
    description:
      'Stable id; `generate` takes those of metered actions. For example `image.generate`.',
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
      'True: started by `generate` and counted against the quota. False: free, it never counts, and `generate` does not start it.',
  })
  metered!: boolean;

  @Field(() => Int, {
    description:
      'Units one run takes from the quota, whatever its settings, inputs or number of outputs. 0 for free actions.',
  })
  cost!: number;
}
