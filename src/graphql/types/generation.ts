import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import type { Json } from '../../domain/generation.js';
import { Action } from './action.js';
import { Charge } from './charge.js';
import { FailureCode, GenerationStatus } from './enums.js';
import { DateTime, JsonValue } from './scalars.js';

@ObjectType({ description: 'One delivered file.', simpleResolvers: true })
export class Output {
  @Field(() => ID, {
    description:
      'The generation’s id, a dot, and the file’s place in it from 0. Use it as an input of another `generate`.',
  })
  id!: string;

  @Field(() => String, {
    description:
      'Absolute link to the file. It needs no token and stops working after about an hour: ask again for a new one, do not store it.',
  })
  url?: string;

  @Field(() => String, { description: 'Media type, for example `image/png`.' })
  contentType!: string;

  @Field(() => Float, { description: 'Size in bytes: a whole number that may exceed 2^31.' })
  bytes!: number;

  @Field(() => Int, {
    nullable: true,
    description: 'Width in pixels. Null where it has none (audio) or it is not known.',
  })
  width!: number | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Height in pixels. Null where it has none (audio) or it is not known.',
  })
  height!: number | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Length in milliseconds. Null for still images or where it is not known.',
  })
  durationMs!: number | null;

  // Not in the schema: where the asset store keeps it; `url` is signed from it.
  key!: string;
}

@ObjectType({ description: 'Why a generation delivered nothing.', simpleResolvers: true })
export class Failure {
  @Field(() => FailureCode, { description: 'The reason, for programs.' })
  code!: keyof typeof FailureCode;

  @Field(() => String, { description: 'The reason, in words for the person.' })
  message!: string;

  @Field(() => Boolean, {
    description:
      'Whether pressing Generate again, with a new `requestId`, may help. False: change the prompt, inputs or settings first.',
  })
  retryable!: boolean;
}

@ObjectType({
  description:
    'One press of "Generate ✨", from acceptance to its end. It stays in the account’s history.',
  simpleResolvers: true,
})
export class Generation {
  @Field(() => ID, { description: 'Its id in this API.' })
  id!: string;

  @Field(() => Action, { description: 'What was asked for.' })
  action!: Action;

  @Field(() => String, {
    nullable: true,
    description: 'The prompt as it was sent. Null: none was.',
  })
  prompt!: string | null;

  @Field(() => JsonValue, {
    nullable: true,
    description: 'The settings object as it was sent. Null: none was.',
  })
  settings!: Record<string, Json> | null;

  @Field(() => GenerationStatus, {
    description: 'Where it is now. Follow it with `generationChanged`.',
  })
  status!: keyof typeof GenerationStatus;

  @Field(() => Charge, { description: 'What it cost, and why.' })
  charge!: Charge;

  @Field(() => [Output], {
    description:
      'The delivered files; empty until `SUCCEEDED`. May be fewer than asked for when some were blocked.',
  })
  outputs!: Output[];

  @Field(() => Failure, {
    nullable: true,
    description: 'Why nothing was delivered. Null while open and when it succeeded.',
  })
  failure!: Failure | null;

  @Field(() => DateTime, { description: 'When it was accepted.' })
  createdAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When it ended. Null while open.' })
  finishedAt!: Date | null;

  @Field(() => DateTime, {
    description:
      'Should it deliver nothing, its units are back by this instant at the latest (two hours after `createdAt`), usually at once. If they are not, Support can restore them.',
  })
  restoreBy!: Date;
}
