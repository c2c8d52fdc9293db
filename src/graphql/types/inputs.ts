import { Field, ID, InputType, Int } from 'type-graphql';
import { BillingCycle, GenerationStatus } from './enums.js';
import { DateTime, JsonValue } from './scalars.js';

@InputType({ description: 'One press of "Generate ✨".' })
export class GenerateInput {
  @Field(() => ID, {
    description:
      'Made by the caller, 1 to 255 characters, unique per account: one per press. Repeat the same one when an answer was lost: it is never charged twice. The same id with other content is refused with IDEMPOTENCY_MISMATCH.',
  })
  requestId!: string;

  @Field(() => ID, {
    description:
      'Id of a metered action; see `actions`. Those with a field of their own are BAD_USER_INPUT.',
  })
  action!: string;

  @Field(() => String, { nullable: true, description: 'What to make, up to 16,000 characters.' })
  prompt!: string | null | undefined;

  @Field(() => JsonValue, {
    nullable: true,
    description:
      'Settings for the action, as a JSON object of up to 16 KiB, nested at most 8 deep. They never change the cost.',
  })
  settings!: unknown;

  @Field(() => [ID], {
    nullable: true,
    description:
      'Up to 8 ids of what it works on: outputs of the account’s own generations (`Output.id`), or items of workspaces it can read (`WorkspaceItem.id`). Any other is BAD_USER_INPUT. An output of `style.create` says how the result shall look.',
  })
  inputs!: string[] | null | undefined;

  @Field(() => Int, {
    nullable: true,
    defaultValue: 1,
    description: 'How many variations to make, 1 to 8. Any number is one generation.',
  })
  outputCount!: number | null | undefined;
}

@InputType({
  description:
    'One press of "Generate ✨" that goes on from an earlier generation. What is left out, or null, is as it was there; of an upload, a crop or an enhanced prompt it goes on from what that made (its output as input, its text as prompt).',
})
export class RefineInput {
  @Field(() => ID, { description: 'As in `GenerateInput`: one per press.' })
  requestId!: string;

  @Field(() => ID, { description: 'Id of the account’s generation to go on from: the parent.' })
  generation!: string;

  @Field(() => ID, {
    nullable: true,
    description:
      'Another metered action, say `image.edit` with an output as input. Needed where the parent’s action has a field of its own.',
  })
  action!: string | null | undefined;

  @Field(() => String, { nullable: true, description: 'Another prompt, up to 16,000 characters.' })
  prompt!: string | null | undefined;

  @Field(() => JsonValue, {
    nullable: true,
    description: 'Other settings, instead of all of the parent’s; as in `GenerateInput`.',
  })
  settings!: unknown;

  @Field(() => [ID], {
    nullable: true,
    description: 'Other inputs, instead of all of the parent’s; as in `GenerateInput`.',
  })
  inputs!: string[] | null | undefined;

  @Field(() => Int, { nullable: true, description: 'Another number of variations, 1 to 8.' })
  outputCount!: number | null | undefined;
}

@InputType({ description: 'A picture that is to be uploaded.' })
export class UploadReferenceInput {
  @Field(() => ID, { description: 'As in `GenerateInput`: one per file.' })
  requestId!: string;

  @Field(() => String, {
    description:
      'Media type of the file: `image/png`, `image/jpeg`, `image/webp`, `image/gif` or `image/avif`. The file is looked at: another one is refused.',
  })
  contentType!: string;

  @Field(() => Int, { description: 'Size of the file in bytes, 1 to 20,971,520.' })
  bytes!: number;

  @Field(() => String, {
    nullable: true,
    description: 'SHA-256 of the file in hex; when given, a file with another one is refused.',
  })
  sha256!: string | null | undefined;
}

@InputType({ description: 'Which part of a picture to keep, in its pixels.' })
export class CropImageInput {
  @Field(() => ID, { description: 'As in `GenerateInput`: one per press.' })
  requestId!: string;

  @Field(() => ID, {
    description: 'The picture: an `Output.id` of the account, or a `WorkspaceItem.id` it can read.',
  })
  input!: string;

  @Field(() => Int, { description: 'Left edge, from 0.' })
  x!: number;

  @Field(() => Int, { description: 'Upper edge, from 0.' })
  y!: number;

  @Field(() => Int, { description: 'Width to keep, at least 1. It must lie within the picture.' })
  width!: number;

  @Field(() => Int, { description: 'Height to keep, at least 1. It must lie within the picture.' })
  height!: number;
}

@InputType({ description: 'A prompt to be made richer.' })
export class EnhancePromptInput {
  @Field(() => ID, { description: 'As in `GenerateInput`: one per press.' })
  requestId!: string;

  @Field(() => String, { description: 'The prompt as the person wrote it, 1 to 2,000 characters.' })
  prompt!: string;

  @Field(() => JsonValue, {
    nullable: true,
    description: 'Settings for whoever enhances it, as a JSON object; as in `GenerateInput`.',
  })
  settings!: unknown;
}

@InputType({ description: 'Which generations of the history; all that is given must hold.' })
export class GenerationFilter {
  @Field(() => ID, { nullable: true, description: 'Of this action; see `actions`.' })
  action!: string | null | undefined;

  @Field(() => String, {
    nullable: true,
    description: 'Of this kind, as in `Action.kind`: `image`, `video`, `audio` and so on.',
  })
  kind!: string | null | undefined;

  @Field(() => GenerationStatus, { nullable: true, description: 'In this status.' })
  status!: keyof typeof GenerationStatus | null | undefined;

  @Field(() => DateTime, { nullable: true, description: 'Accepted at this instant or later.' })
  from!: Date | null | undefined;

  @Field(() => DateTime, { nullable: true, description: 'Accepted before this instant.' })
  to!: Date | null | undefined;

  @Field(() => ID, {
    nullable: true,
    description:
      'With an output saved in this workspace. NOT_FOUND: the account cannot read one with this id.',
  })
  workspace!: string | null | undefined;

  @Field(() => String, {
    nullable: true,
    description:
      'With all of these words in the prompt, whatever their case: 1 to 8 whole words in up to 200 characters. Found are the first 64 different words of a prompt, from the generation’s end on.',
  })
  text!: string | null | undefined;
}

@InputType({ description: 'Which plan to change to.' })
export class ChangePlanInput {
  @Field(() => ID, { description: 'Id of the plan; see `plans`.' })
  plan!: string;
}

@InputType({ description: 'A person’s subscription, as billing knows it.' })
export class PutSubscriptionInput {
  @Field(() => ID, {
    description: 'Whose: the subject of that person’s tokens, 1 to 128 printable characters.',
  })
  accountId!: string;

  @Field(() => ID, { description: 'Id of the plan; see `plans`.' })
  plan!: string;

  @Field(() => DateTime, {
    description:
      'When the subscription began, not in the future: the anchor every monthly period is counted from. Another value than before begins new periods, with nothing carried over.',
  })
  startedAt!: Date;

  @Field(() => BillingCycle, {
    nullable: true,
    defaultValue: BillingCycle.MONTHLY,
    description: 'How the person pays.',
  })
  billingCycle!: keyof typeof BillingCycle | null | undefined;

  @Field(() => String, {
    nullable: true,
    defaultValue: 'UTC',
    description:
      'IANA zone (for example `Europe/Dublin`) on whose wall clock the day and time of the reset repeat.',
  })
  timeZone!: string | null | undefined;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description:
      'True: a change to a smaller plan takes effect now instead of at the next reset. Upgrades always take effect now.',
  })
  immediately!: boolean | null | undefined;
}

@InputType({ description: 'Extra units for one account, in its present period only.' })
export class GrantInput {
  @Field(() => ID, {
    description: 'Whose: the subject of that person’s tokens, 1 to 128 printable characters.',
  })
  accountId!: string;

  @Field(() => Int, {
    description:
      'Units to add, 1 to 1,000,000. Every call adds: repeat only when the first is known to have failed.',
  })
  amount!: number;

  @Field(() => String, { description: 'Why, 1 to 500 characters; kept in the ledger.' })
  reason!: string;
}
