import { createUnionType, Field, Int, ObjectType } from 'type-graphql';
import { QuotaExhausted } from './generate-result.js';
import { Generation } from './generation.js';
import { Quota } from './quota.js';
import { DateTime } from './scalars.js';

@ObjectType({ description: 'Where and how to send a file.', simpleResolvers: true })
export class UploadTarget {
  @Field(() => String, {
    description:
      'Absolute link to send the file to, as it is, in the body of one request. It needs no token; it takes one file. The same file may be sent again (200) when the answer (201) was lost; another one is refused (409).',
  })
  url!: string;

  @Field(() => String, { description: 'The HTTP method: `PUT`.' })
  method!: string;

  @Field(() => String, { description: 'The `Content-Type` header to send.' })
  contentType!: string;

  @Field(() => Int, { description: 'The most bytes it takes.' })
  maxBytes!: number;

  @Field(() => DateTime, { description: 'The file has to be there by then.' })
  expiresAt!: Date;
}

@ObjectType({
  description:
    'The upload was accepted. Send the file to `upload.url`; then the generation has SUCCEEDED, and its output can be used as an input.',
  simpleResolvers: true,
})
class UploadAccepted {
  @Field(() => Generation, {
    description: 'The entry in the history, open until the file is there.',
  })
  generation!: Generation;

  @Field(() => Quota, {
    description: 'The account’s quota. Uploading takes nothing from it today.',
  })
  quota!: Quota;

  @Field(() => Boolean, { description: 'True: this `requestId` had been accepted before.' })
  replayed!: boolean;

  @Field(() => UploadTarget, {
    nullable: true,
    description: 'Where to send the file. Null: it is there already, or its time is over.',
  })
  upload!: UploadTarget | null;
}

@ObjectType({ description: 'The prompt was taken.', simpleResolvers: true })
class PromptEnhanced {
  @Field(() => String, {
    nullable: true,
    description:
      'The richer prompt. Null: it was not made, see `generation.failure`; or it takes longer, then follow `generation`: its output is the text.',
  })
  prompt!: string | null;

  @Field(() => Generation, { description: 'The entry in the history.' })
  generation!: Generation;

  @Field(() => Quota, {
    description: 'The account’s quota. Enhancing takes nothing from it today.',
  })
  quota!: Quota;

  @Field(() => Boolean, { description: 'True: this `requestId` had been accepted before.' })
  replayed!: boolean;
}

export const UploadReferenceResult = createUnionType({
  name: 'UploadReferenceResult',
  description:
    'How `uploadReference` ended. `QuotaExhausted` comes only where the counting rules make uploads cost something.',
  types: () => [UploadAccepted, QuotaExhausted] as const,
  resolveType: (value) => ('replayed' in value ? UploadAccepted : QuotaExhausted),
});

export const EnhancePromptResult = createUnionType({
  name: 'EnhancePromptResult',
  description:
    'How `enhancePrompt` ended. `QuotaExhausted` comes only where the counting rules make it cost something.',
  types: () => [PromptEnhanced, QuotaExhausted] as const,
  resolveType: (value) => ('replayed' in value ? PromptEnhanced : QuotaExhausted),
});
