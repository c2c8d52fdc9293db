import { Arg, Ctx, ID, Query, Resolver } from 'type-graphql';
import { MAX_ID_LENGTH, textWithin } from '../checks.js';
import { accountOf, type Context } from '../context.js';
import { generationOf, type Shape } from '../map.js';
import { Generation } from '../types/generation.js';
import { Node } from '../types/node.js';
import { Workspace, WorkspaceItem } from '../types/workspace.js';
import { itemOf, workspaceOf } from '../workspace-map.js';

type AnyNode = Shape<Generation> | Shape<Workspace> | Shape<WorkspaceItem>;

@Resolver()
export class Nodes {
  @Query(() => Node, {
    nullable: true,
    description:
      'Whatever has this id, if the token’s account can see it (Relay’s node): a generation, a workspace or an item of one. Null: nothing has.',
  })
  async node(
    @Arg('id', () => ID, { description: 'An id answered before.' }) id: string,
    @Ctx() context: Context,
  ): Promise<AnyNode | null> {
    const { app } = context;
    const account = accountOf(context);
    const wanted = textWithin('id', id, 1, MAX_ID_LENGTH);
    if (wanted.startsWith('ws_')) {
      const found = await app.workspaces.get(account, wanted);
      return found && workspaceOf(found);
    }
    if (wanted.startsWith('item_')) {
      const found = await app.workspaces.item(account, wanted);
      return found && itemOf(found);
    }
    const found = await app.generation(account, wanted);
    return found && generationOf(app, found);
  }
}
