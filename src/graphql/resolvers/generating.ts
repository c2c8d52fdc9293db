import { Arg, Ctx, ID, Mutation, Resolver } from 'type-graphql';
import type { GenerateRequest, RefineRequest } from '../../app.js';
import { countWithin, inputIds, MAX_ID_LENGTH, settingsObject, textWithin } from '../checks.js';
import { accountOf, type Context } from '../context.js';
import { acceptedOf, exhaustedOf, generationOf, type Shape } from '../map.js';
import { GenerateResult } from '../types/generate-result.js';
import { Generation } from '../types/generation.js';
import { GenerateInput, RefineInput } from '../types/inputs.js';

const MAX_PROMPT_LENGTH = 16_000;
const MAX_OUTPUTS = 8;

@Resolver()
export class Generating {
  @Mutation(() => GenerateResult, {
    description:
      'One press of "Generate ✨": takes one generation from the quota and starts it. If it delivers nothing, the generation comes back by itself. Safe to repeat with the same `requestId`.',
  })
  async generate(
    @Arg('input', () => GenerateInput, { description: 'What to make.' }) input: GenerateInput,
    @Ctx() context: Context,
  ): Promise<Shape<typeof GenerateResult>> {
    const { app } = context;
    const answer = await app.generate(accountOf(context), requestOf(input));
    return answer.kind === 'accepted'
      ? acceptedOf(app, answer)
      : exhaustedOf(app, answer.quota, answer.upgrades);
  }

  @Mutation(() => GenerateResult, {
    description:
      'Presses "Generate ✨" again from an earlier generation: what the input leaves out is as it was there, and the new one is linked to it (`parent`, `children`). It counts as any other press. Safe to repeat with the same `requestId`.',
  })
  async refineGeneration(
    @Arg('input', () => RefineInput, { description: 'From what, and what to change.' })
    input: RefineInput,
    @Ctx() context: Context,
  ): Promise<Shape<typeof GenerateResult>> {
    const { app } = context;
    const answer = await app.refine(accountOf(context), refinementOf(input));
    return answer.kind === 'accepted'
      ? acceptedOf(app, answer)
      : exhaustedOf(app, answer.quota, answer.upgrades);
  }

  @Mutation(() => Generation, {
    description:
      'Ends an open generation of the token’s account and gives its units back. One that has ended is answered as it is. NOT_FOUND: the account has none with this id.',
  })
  async cancelGeneration(
    @Arg('id', () => ID, { description: 'The generation’s id.' }) id: string,
    @Ctx() context: Context,
  ): Promise<Shape<Generation>> {
    const account = accountOf(context);
    return generationOf(
      context.app,
      await context.app.cancel(account, textWithin('id', id, 1, MAX_ID_LENGTH)),
    );
  }
}

function requestOf(input: GenerateInput): GenerateRequest {
  const { requestId, action, prompt, settings, inputs, outputCount } = input;
  return {
    requestId: textWithin('input.requestId', requestId, 1, MAX_ID_LENGTH),
    action: textWithin('input.action', action, 1, MAX_ID_LENGTH),
    prompt: prompt == null ? null : textWithin('input.prompt', prompt, 0, MAX_PROMPT_LENGTH),
    settings: settings == null ? null : settingsObject('input.settings', settings),
    inputs: inputIds('input.inputs', inputs ?? []),
    outputCount: countWithin('input.outputCount', outputCount ?? 1, 1, MAX_OUTPUTS),
    parent: null,
  };
}

function refinementOf(input: RefineInput): RefineRequest {
  const { requestId, generation, action, prompt, settings, inputs, outputCount } = input;
  return {
    requestId: textWithin('input.requestId', requestId, 1, MAX_ID_LENGTH),
    generation: textWithin('input.generation', generation, 1, MAX_ID_LENGTH),
    ...(action != null && { action: textWithin('input.action', action, 1, MAX_ID_LENGTH) }),
    ...(prompt != null && { prompt: textWithin('input.prompt', prompt, 0, MAX_PROMPT_LENGTH) }),
    ...(settings != null && { settings: settingsObject('input.settings', settings) }),
    ...(inputs != null && { inputs: inputIds('input.inputs', inputs) }),
    ...(outputCount != null && {
      outputCount: countWithin('input.outputCount', outputCount, 1, MAX_OUTPUTS),
    }),
  };
}
