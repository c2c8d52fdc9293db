import { createUnionType, Field, ObjectType } from 'type-graphql';
import { Generation } from './generation.js';
import { Plan } from './plan.js';
import { Quota } from './quota.js';
import { DateTime } from './scalars.js';

@ObjectType({
  description: 'The request was accepted and is durable: it will reach exactly one end.',
  simpleResolvers: true,
})
export class GenerationAccepted {
  @Field(() => Generation, {
    description: 'The generation, usually still open: follow it with `generationChanged`.',
  })
  generation!: Generation;

  @Field(() => Quota, { description: 'The account’s quota with this generation counted.' })
  quota!: Quota;

  @Field(() => Boolean, {
    description:
      'True: this `requestId` had been accepted before. `generation` is that one and nothing was charged again.',
  })
  replayed!: boolean;
}

@ObjectType({
  description:
    'Nothing remains in this period. Nothing was charged and the request left no trace; its `requestId` may be used again.',
  simpleResolvers: true,
})
export class QuotaExhausted {
  @Field(() => String, { description: 'A sentence to show to the person, in English.' })
  message!: string;

  @Field(() => Quota, { description: 'The account’s quota.' })
  quota!: Quota;

  @Field(() => DateTime, { description: 'When the next period begins.' })
  resetsAt!: Date;

  @Field(() => [Plan], {
    description:
      'Plans that allow more, in the catalogue’s order, as in `plans`; none when there is no larger one. After upgrading one can go on at once.',
  })
  upgrades!: Plan[];
}

export const GenerateResult = createUnionType({
  name: 'GenerateResult',
  description: 'How `generate` ended. Being out of quota is an answer, not an error.',
  types: () => [GenerationAccepted, QuotaExhausted] as const,
  resolveType: (value) => ('replayed' in value ? GenerationAccepted : QuotaExhausted),
});
