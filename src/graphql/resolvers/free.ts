import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { UPLOAD_MAX_BYTES } from '../../app/uploads.js';
import { Fault } from '../../domain/fault.js';
import { isOpen, type Generation } from '../../domain/generation.js';
import { countWithin, MAX_ID_LENGTH, settingsObject, textWithin } from '../checks.js';
import { accountOf, type Context } from '../context.js';
import { acceptedOf, exhaustedOf, type Shape } from '../map.js';
import { EnhancePromptResult, UploadReferenceResult, type UploadTarget } from '../types/free.js';
import { GenerateResult } from '../types/generate-result.js';
import { CropImageInput, EnhancePromptInput, UploadReferenceInput } from '../types/inputs.js';

// Some 300 words: who writes more has said how it shall look.
const MAX_PROMPT_LENGTH = 2_000;
const MAX_PIXELS = 65_535;

@Resolver()
export class Free {
  @Mutation(() => UploadReferenceResult, {
    description:
      'Free under today’s counting rule, also when nothing remains: takes a picture of the person’s own, to be used as an input. Answers where to send the file. Safe to repeat with the same `requestId`.',
  })
  async uploadReference(
    @Arg('input', () => UploadReferenceInput, { description: 'What will be sent.' })
    input: UploadReferenceInput,
    @Ctx() context: Context,
  ): Promise<Shape<typeof UploadReferenceResult>> {
    const { app } = context;
    const { contentType } = input;
    const answer = await app.free.upload(accountOf(context), {
      requestId: textWithin('input.requestId', input.requestId, 1, MAX_ID_LENGTH),
      contentType: textWithin('input.contentType', contentType, 1, MAX_ID_LENGTH),
      bytes: countWithin('input.bytes', input.bytes, 1, UPLOAD_MAX_BYTES),
      sha256: input.sha256 == null ? null : sha256Within('input.sha256', input.sha256),
    });
    return answer.kind === 'accepted'
      ? { ...acceptedOf(app, answer), upload: targetOf(context, answer.generation, contentType) }
      : exhaustedOf(app, answer.quota, answer.upgrades);
  }

  @Mutation(() => GenerateResult, {
    description:
      'Free under today’s counting rule, also when nothing remains: keeps a part of a picture, as a new output. Usually done when it answers; otherwise follow `generation`. Safe to repeat with the same `requestId`.',
  })
  async cropImage(
    @Arg('input', () => CropImageInput, { description: 'Which part of which picture.' })
    input: CropImageInput,
    @Ctx() context: Context,
  ): Promise<Shape<typeof GenerateResult>> {
    const { app } = context;
    const answer = await app.free.crop(accountOf(context), {
      requestId: textWithin('input.requestId', input.requestId, 1, MAX_ID_LENGTH),
      input: textWithin('input.input', input.input, 1, MAX_ID_LENGTH),
      x: countWithin('input.x', input.x, 0, MAX_PIXELS),
      y: countWithin('input.y', input.y, 0, MAX_PIXELS),
      width: countWithin('input.width', input.width, 1, MAX_PIXELS),
      height: countWithin('input.height', input.height, 1, MAX_PIXELS),
    });
    return answer.kind === 'accepted'
      ? acceptedOf(app, answer)
      : exhaustedOf(app, answer.quota, answer.upgrades);
  }

  @Mutation(() => EnhancePromptResult, {
    description:
      'Free under today’s counting rule, also when nothing remains: makes a prompt richer and keeps what the person said. Safe to repeat with the same `requestId`.',
  })
  async enhancePrompt(
    @Arg('input', () => EnhancePromptInput, { description: 'The prompt.' })
    input: EnhancePromptInput,
    @Ctx() context: Context,
  ): Promise<Shape<typeof EnhancePromptResult>> {
    const { app } = context;
    const { settings } = input;
    const answer = await app.free.enhance(accountOf(context), {
      requestId: textWithin('input.requestId', input.requestId, 1, MAX_ID_LENGTH),
      prompt: textWithin('input.prompt', input.prompt, 1, MAX_PROMPT_LENGTH),
      settings: settings == null ? null : settingsObject('input.settings', settings),
    });
    return answer.kind === 'accepted'
      ? { ...acceptedOf(app, answer), prompt: answer.prompt }
      : exhaustedOf(app, answer.quota, answer.upgrades);
  }
}

function targetOf(
  { links }: Context,
  generation: Generation,
  contentType: string,
): Shape<UploadTarget> | null {
  if (!isOpen(generation)) return null;
  const { id, deadlineAt } = generation;
  return {
    url: links.upload(id, deadlineAt),
    method: 'PUT',
    contentType,
    maxBytes: UPLOAD_MAX_BYTES,
    expiresAt: new Date(deadlineAt),
  };
}

function sha256Within(argument: string, value: string): string {
  if (/^[0-9a-f]{64}$/i.test(value)) return value.toLowerCase();
  throw new Fault('BAD_USER_INPUT', `\`${argument}\` must be 64 hexadecimal digits.`);
}
