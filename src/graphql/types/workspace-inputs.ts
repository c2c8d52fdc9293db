import { Field, ID, InputType } from 'type-graphql';
import { ShareAccess } from './workspace-enums.js';

@InputType({ description: 'A workspace that is to be made.' })
export class CreateWorkspaceInput {
  @Field(() => ID, {
    description:
      'Made by the caller, 1 to 255 characters, one per workspace. Repeat the same one when an answer was lost: the workspace is made once.',
  })
  requestId!: string;

  @Field(() => String, {
    description: 'What to call it: 1 to 100 printable characters. Space around them is dropped.',
  })
  name!: string;
}

@InputType({ description: 'Whom to share a workspace with.' })
export class ShareWorkspaceInput {
  @Field(() => ID, { description: 'The workspace’s id. The token’s account must own it.' })
  workspace!: string;

  @Field(() => ID, {
    description:
      'Whom with: the subject of that person’s tokens, 1 to 128 printable characters. Whether there is such an account is not told.',
  })
  accountId!: string;

  @Field(() => ShareAccess, {
    description: 'What it may do there. Sharing again with the same account changes this.',
  })
  access!: keyof typeof ShareAccess;
}

@InputType({ description: 'Which outputs to save, and where.' })
export class SaveToWorkspaceInput {
  @Field(() => ID, {
    description: 'The workspace’s id. The token’s account must be able to write to it.',
  })
  workspace!: string;

  @Field(() => [ID], {
    description: '1 to 50 ids of outputs (`Output.id`) of the account’s own generations.',
  })
  outputs!: string[];
}
