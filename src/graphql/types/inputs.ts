import { Field, ID, InputType, Int } from 'type-graphql';
import { BillingCycle } from './enums.js';
import { DateTime, JsonValue } from './scalars.js';

@InputType({ description: 'One press of "Generate ✨".' })
export class GenerateInput {
  @Field(() => ID, {
    description:
      'Made by the caller, 1 to 255 characters, unique per account: one per press. Repeat the same one when an answer was lost: it is never charged twice. The same id with other content is refused with IDEMPOTENCY_MISMATCH.',
  })
  requestId!: string;

  @Field(() => ID, {
    description: 'Id of a metered action; see `actions`. A free one is BAD_USER_INPUT.',
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
      'Up to 8 ids of what it works on: outputs of the account’s own generations (`Output.id`). Any other is BAD_USER_INPUT.',
  })
  inputs!: string[] | null | undefined;

  @Field(() => Int, {
    nullable: true,
    defaultValue: 1,
    description: 'How many variations to make, 1 to 8. Any number is one generation.',
  })
  outputCount!: number | null | undefined;
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
