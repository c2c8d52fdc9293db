import { Field, ID, InterfaceType } from 'type-graphql';

@InterfaceType({
  description:
    'What `node` finds by its id (Relay’s Node): generations, workspaces and their items.',
  resolveType: ({ id }: { id: string }) => {
    if (id.startsWith('ws_')) return 'Workspace';
    return id.startsWith('item_') ? 'WorkspaceItem' : 'Generation';
  },
})
export abstract class Node {
  @Field(() => ID, { description: 'Its id in this API, unique over all types.' })
  id!: string;
}
