import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import type { Json } from '../../domain/generation.js';
import { Action } from './action.js';
import { Charge } from './charge.js';
import { FailureCode, GenerationStatus } from './enums.js';
import { Node } from './node.js';
import { PageInfo } from './page-info.js';
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
      'Absolute link to the file. It needs no token and stops working after about an hour: ask again for a new one, do not store it. It answers range requests.',
  })
  url?: string;

  @Field(() => String, {
    nullable: true,
    description:
      'Absolute link to a small still picture of it (WebP, at most 320 pixels a side), as `url` otherwise. Null where there is nothing to show, as for audio.',
  })
  thumbnailUrl?: string | null;

  @Field(() => String, { description: 'The name it is saved under, with the right extension.' })
  fileName!: string;

  @Field(() => String, { description: 'SHA-256 of the file, in hex.' })
  sha256!: string;

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

  // Not in the schema: where the asset store keeps them; the links are signed from it.
  key!: string;
  thumbnailKey!: string | null;
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
    'One press of "Generate ✨", or one use of a free action, from acceptance to its end. It stays in the account’s history until it is deleted.',
  implements: Node,
  simpleResolvers: true,
})
export class Generation extends Node {
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

  @Field(() => [ID], {
    description: 'Ids of what it worked on, as they were sent: outputs, or items of workspaces.',
  })
  inputs!: string[];

  @Field(() => Int, { description: 'How many outputs were asked for.' })
  outputCount!: number;

  @Field(() => Generation, {
    nullable: true,
    description: 'The generation it was refined from. Null: none, or it was deleted.',
  })
  parent?: Generation | null;

  @Field(() => GenerationConnection, { description: 'What was refined from it, newest first.' })
  // Its class comes later in this file, too late for the metadata of this field.
  children?: object;

  @Field(() => Float, {
    nullable: true,
    description:
      'How far it is, from 0 to 1, while RUNNING at a provider that says so. Null otherwise.',
  })
  progress!: number | null;

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

  // Not in the schema: whose it is, and what `parent` is read by.
  account!: string;
  parentId!: string | null;
}

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
  description: 'A page of the account’s history, newest first.',
  simpleResolvers: true,
})
export class GenerationConnection {
  @Field(() => [GenerationEdge], { description: 'The generations of this page.' })
  edges!: GenerationEdge[];

  @Field(() => PageInfo, { description: 'Whether and how to go on.' })
  pageInfo!: PageInfo;
}
