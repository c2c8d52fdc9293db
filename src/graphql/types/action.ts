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
      'True: started by `generate`. False: it has a field of its own (`uploadReference`, `cropImage`, `enhancePrompt`), and costs nothing unless a counting rule says so: see `cost`.',
  })
  metered!: boolean;

  @Field(() => Int, {
    description:
      'Units one run takes from the quota, whatever its settings, inputs or number of outputs, under the counting rule in force. 0: it does not count.',
  })
  cost!: number;
}
