import { Field, ID, Int, ObjectType } from 'type-graphql';
import type { Generation as GenerationState } from '../../domain/generation.js';
import { ChargeStatus, LedgerEntryKind } from './enums.js';
import { DateTime } from './scalars.js';

@ObjectType({ description: 'One line of the append-only ledger.', simpleResolvers: true })
export class LedgerEntry {
  @Field(() => ID, { description: 'Stable id of this line.' })
  id!: string;

  @Field(() => LedgerEntryKind, { description: 'What this line did.' })
  kind!: keyof typeof LedgerEntryKind;

  @Field(() => Int, { description: 'How many units it concerns, never negative.' })
  units!: number;

  @Field(() => String, {
    description:
      'Why, in words that may be shown to the person; Support’s own words where Support restored it.',
  })
  reason!: string;

  @Field(() => ID, { description: 'Id of the counting rule it was written under.' })
  rule!: string;

  @Field(() => DateTime, { description: 'When it was written.' })
  at!: Date;
}

@ObjectType({ description: 'What a generation cost, and why.', simpleResolvers: true })
export class Charge {
  @Field(() => ChargeStatus, {
    description: 'Whether its units are held, counted, given back, or none were needed.',
  })
  status!: keyof typeof ChargeStatus;

  @Field(() => Int, { description: 'Units it took, also when they were given back later.' })
  units!: number;

  @Field(() => ID, {
    description: 'Id of the counting rule that was in force when it was accepted.',
  })
  rule!: string;

  @Field(() => String, {
    description:
      'What it cost and why, in words to show to the person, in English: “Gave you 1 back: blocked by moderation.”',
  })
  explanation?: string;

  @Field(() => [LedgerEntry], { description: 'The ledger lines behind it, oldest first.' })
  entries?: LedgerEntry[];

  // Not in the schema: what `entries` and `explanation` are made from.
  generation!: GenerationState;
}
