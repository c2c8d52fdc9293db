import { Field, ID, Int, ObjectType } from 'type-graphql';
import { Action } from './action.js';
import { Charge } from './charge.js';
import { Generation } from './generation.js';
import { DateTime } from './scalars.js';

@ObjectType({ description: 'One action on one day.', simpleResolvers: true })
class ActionUsage {
  @Field(() => Action, { description: 'The action.' })
  action!: Action;

  @Field(() => Int, { description: 'How many were accepted, whatever became of them.' })
  generations!: number;

  @Field(() => Int, { description: 'Units that count: held or posted.' })
  units!: number;

  @Field(() => Int, { description: 'Units that were given back.' })
  restored!: number;
}

@ObjectType({ description: 'One day of a period.', simpleResolvers: true })
class DayUsage {
  @Field(() => String, {
    description: 'The day in the subscription’s time zone, as `2026-11-23`.',
  })
  date!: string;

  @Field(() => [ActionUsage], { description: 'What was used on it, by action.' })
  actions!: ActionUsage[];
}

@ObjectType({ description: 'What an account used in one period.', simpleResolvers: true })
export class PeriodUsage {
  @Field(() => DateTime, { description: 'When the period began.' })
  periodStart!: Date;

  @Field(() => DateTime, { description: 'When the next one begins, or began.' })
  periodEnd!: Date;

  @Field(() => ID, { description: 'Id of the plan it was last on.' })
  plan!: string;

  @Field(() => Int, {
    nullable: true,
    description: 'The plan’s limit in units. Null: unlimited.',
  })
  limit!: number | null;

  @Field(() => Int, { description: 'Units granted on top of the limit.' })
  granted!: number;

  @Field(() => Int, { description: 'Units held or posted.' })
  used!: number;

  @Field(() => Int, { description: 'The open ones among them.' })
  held!: number;

  @Field(() => Int, { description: 'Units that were given back in all.' })
  restored!: number;

  @Field(() => [DayUsage], {
    description: 'The days with any use, the latest first. Deleted generations are counted, too.',
  })
  days!: DayUsage[];
}

@ObjectType({ description: 'Why a generation cost what it cost.', simpleResolvers: true })
export class ChargeExplanation {
  @Field(() => String, {
    description: 'The whole story in a sentence or two to show to the person, in English.',
  })
  summary!: string;

  @Field(() => Generation, { description: 'The generation.' })
  generation!: Generation;

  @Field(() => Charge, { description: 'Its charge, with the ledger lines behind it.' })
  charge!: Charge;

  @Field(() => DateTime, {
    description:
      'When the period began that its units were taken from; what is given back goes there.',
  })
  periodStart!: Date;

  @Field(() => DateTime, { description: 'When that period ends, or ended.' })
  periodEnd!: Date;
}

@ObjectType({
  description: 'A link to everything that is kept about the account.',
  simpleResolvers: true,
})
export class DataExport {
  @Field(() => String, {
    description:
      'Absolute link to a ZIP archive of JSON and files, made as it is downloaded. It needs no token: hand it to nobody.',
  })
  url!: string;

  @Field(() => DateTime, { description: 'The link stops working then; ask again for a new one.' })
  expiresAt!: Date;
}

@ObjectType({ description: 'How far the deletion of an account is.', simpleResolvers: true })
export class AccountDeletion {
  @Field(() => Boolean, {
    description:
      'True: all personal data is gone. False: the account is closed and the rest is being deleted; ask again to see when it is done.',
  })
  done!: boolean;
}
