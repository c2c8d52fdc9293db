import { Field, Int, ObjectType } from 'type-graphql';
import { Plan } from './plan.js';
import { DateTime } from './scalars.js';

@ObjectType({ description: 'A change of plan that waits for its time.', simpleResolvers: true })
export class PendingPlan {
  @Field(() => Plan, { description: 'The plan that comes next.' })
  plan!: Plan;

  @Field(() => DateTime, { description: 'When it takes effect: the next reset.' })
  at!: Date;
}

@ObjectType({
  description:
    'What an account may still generate in its current monthly period. All counts are units; a metered generation takes one.',
  simpleResolvers: true,
})
export class Quota {
  @Field(() => Plan, { description: 'The plan in force for this account.' })
  plan!: Plan;

  @Field(() => Boolean, {
    description: 'True when nothing is limited; then `limit` and `remaining` are null.',
  })
  unlimited!: boolean;

  @Field(() => Int, {
    nullable: true,
    description:
      'Units the plan allows in this period, without grants. Null if and only if `unlimited`.',
  })
  limit!: number | null;

  @Field(() => Int, {
    nullable: true,
    description:
      'Units left now: `limit` + `granted` − `used`, never below 0. Null if and only if `unlimited`.',
  })
  remaining!: number | null;

  @Field(() => Int, {
    description: 'Units taken in this period: final ones and those still `held`.',
  })
  used!: number;

  @Field(() => Int, {
    description:
      'Those among `used` whose generation has not ended yet; they come back if it delivers nothing.',
  })
  held!: number;

  @Field(() => Int, { description: 'Units Support added on top of `limit`, for this period only.' })
  granted!: number;

  @Field(() => DateTime, { description: 'When this period began.' })
  periodStart!: Date;

  @Field(() => DateTime, {
    description:
      'When the next period begins: `used` returns to 0 and unused units lapse. Always the same day and time of the month as the subscription’s start, or the month’s last day.',
  })
  resetsAt!: Date;

  @Field(() => String, {
    description:
      'A decimal integer that grows with every change of this account. Compare as a number (it may exceed 2^31) and ignore a quota with a smaller one than you have shown.',
  })
  revision!: string;

  @Field(() => PendingPlan, {
    nullable: true,
    description: 'A scheduled change to a smaller plan. Null: none.',
  })
  pendingPlan!: PendingPlan | null;
}

@ObjectType({
  description:
    'What an account would have right after changing to a plan. Nothing is changed by asking.',
  simpleResolvers: true,
})
export class UpgradePreview {
  @Field(() => Plan, { description: 'The plan asked about.' })
  plan!: Plan;

  @Field(() => Boolean, { description: 'True when that plan sets no limit.' })
  unlimited!: boolean;

  @Field(() => Int, {
    nullable: true,
    description: 'Its units per period. Null if and only if `unlimited`.',
  })
  limit!: number | null;

  @Field(() => Int, {
    nullable: true,
    description:
      'Units left right after the change; what is used in the period carries over. Null if and only if `unlimited`.',
  })
  remaining!: number | null;

  @Field(() => DateTime, {
    description: 'When the change would take effect: at once for more, at the next reset for less.',
  })
  effectiveAt!: Date;

  @Field(() => DateTime, {
    description: 'When the period in force at `effectiveAt` ends. An upgrade does not move it.',
  })
  resetsAt!: Date;
}
