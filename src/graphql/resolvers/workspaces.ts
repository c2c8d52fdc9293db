import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { Fault } from '../../domain/fault.js';
import { accountId, countWithin, MAX_ID_LENGTH, textWithin } from '../checks.js';
import { accountOf, type Context } from '../context.js';
import { idIn } from '../cursor.js';
import { generationOf, type Shape } from '../map.js';
import { Generation } from '../types/generation.js';
import {
  CreateWorkspaceInput,
  SaveToWorkspaceInput,
  ShareWorkspaceInput,
} from '../types/workspace-inputs.js';
import {
  Workspace,
  WorkspaceConnection,
  WorkspaceItem,
  WorkspaceItemConnection,
  WorkspaceMember,
} from '../types/workspace.js';
import { itemOf, itemsOf, memberOf, workspaceOf, workspacesOf } from '../workspace-map.js';

const PAGE_DEFAULT = 20;
const PAGE_MAX = 100;
const MAX_SAVED = 50;
// A hundred characters at two units each, and as much space around them; the characters are counted with the name.
const MAX_NAME_UNITS = 400;

@Resolver()
export class WorkspaceResolver {
  @Query(() => WorkspaceConnection, {
    description:
      'The workspaces that the token’s account owns and those shared with it, newest first.',
  })
  async workspaces(
    // Decorators run from the last parameter to the first: this order puts `first` first in the schema.
    @Arg('after', () => String, {
      nullable: true,
      description:
        'Go on behind this workspace: a `cursor` or `endCursor` answered before. Absent: from the newest.',
    })
    after: string | null | undefined,
    @Arg('first', () => Int, {
      nullable: true,
      defaultValue: PAGE_DEFAULT,
      description: 'How many to answer, 1 to 100.',
    })
    first: number | null,
    @Ctx() context: Context,
  ): Promise<Shape<WorkspaceConnection>> {
    const account = accountOf(context);
    const count = countWithin('first', first ?? PAGE_DEFAULT, 1, PAGE_MAX);
    const seen = after == null ? null : idIn(after);
    return workspacesOf(await context.app.workspaces.list(account, count, seen), seen);
  }

  @Query(() => Workspace, {
    nullable: true,
    description: 'One workspace. Null: the token’s account can see none with this id.',
  })
  async workspace(
    @Arg('id', () => ID, { description: 'The workspace’s id.' }) id: string,
    @Ctx() context: Context,
  ): Promise<Shape<Workspace> | null> {
    const found = await context.app.workspaces.get(accountOf(context), idArgument('id', id));
    return found && workspaceOf(found);
  }

  @Mutation(() => Workspace, {
    description:
      'Makes a workspace of the token’s account, which may own up to 100. Safe to repeat with the same `requestId`: the one it made is answered, as it is now, whatever name is sent.',
  })
  async createWorkspace(
    @Arg('input', () => CreateWorkspaceInput, { description: 'What to call it.' })
    input: CreateWorkspaceInput,
    @Ctx() context: Context,
  ): Promise<Shape<Workspace>> {
    const account = accountOf(context);
    const requestId = idArgument('input.requestId', input.requestId);
    const name = nameArgument('input.name', input.name);
    return workspaceOf(await context.app.workspaces.create(account, requestId, name));
  }

  @Mutation(() => Workspace, {
    description:
      'Renames a workspace, for its owner. FORBIDDEN: it is shared with the account. NOT_FOUND: the account can see none with this id.',
  })
  async renameWorkspace(
    @Arg('name', () => String, {
      description: 'Its new name: 1 to 100 printable characters. Space around them is dropped.',
    })
    name: string,
    @Arg('id', () => ID, { description: 'The workspace’s id.' }) id: string,
    @Ctx() context: Context,
  ): Promise<Shape<Workspace>> {
    const account = accountOf(context);
    const wanted = idArgument('id', id);
    const { workspaces } = context.app;
    return workspaceOf(await workspaces.rename(account, wanted, nameArgument('name', name)));
  }

  @Mutation(() => ID, {
    description:
      'Deletes a workspace with all its items and their files, for its owner and for good. Answers its id. FORBIDDEN: it is shared with the account. NOT_FOUND: the account can see none with this id.',
  })
  async deleteWorkspace(
    @Arg('id', () => ID, { description: 'The workspace’s id.' }) id: string,
    @Ctx() context: Context,
  ): Promise<string> {
    await context.app.workspaces.remove(accountOf(context), idArgument('id', id));
    return id;
  }

  @Mutation(() => Workspace, {
    description:
      'Shares a workspace with up to 50 other accounts, for its owner. Idempotent. FORBIDDEN: it is shared with the account. NOT_FOUND: the account can see none with this id.',
  })
  async shareWorkspace(
    @Arg('input', () => ShareWorkspaceInput, { description: 'Whom with.' })
    input: ShareWorkspaceInput,
    @Ctx() context: Context,
  ): Promise<Shape<Workspace>> {
    const account = accountOf(context);
    const id = idArgument('input.workspace', input.workspace);
    const member = {
      account: accountId('input.accountId', input.accountId),
      access: input.access,
    };
    return workspaceOf(await context.app.workspaces.share(account, id, member));
  }

  @Mutation(() => Workspace, {
    nullable: true,
    description:
      'Ends what `shareWorkspace` began: for anybody, by the owner; for oneself, by a member. What the account saved stays. Idempotent. Null: the token’s account has left it. FORBIDDEN: only the owner can take others out. NOT_FOUND: the account can see none with this id.',
  })
  async unshareWorkspace(
    @Arg('accountId', () => ID, { description: 'Who shall no longer see it.' }) member: string,
    @Arg('workspace', () => ID, { description: 'The workspace’s id.' }) workspace: string,
    @Ctx() context: Context,
  ): Promise<Shape<Workspace> | null> {
    const account = accountOf(context);
    const id = idArgument('workspace', workspace);
    const whom = accountId('accountId', member);
    const left = await context.app.workspaces.unshare(account, id, whom);
    return left && workspaceOf(left);
  }

  @Mutation(() => [WorkspaceItem], {
    description:
      'Saves copies of outputs in a workspace: all of them, or with an error none. Idempotent while the outputs exist: one that is saved there already is answered as it is. Answers the items in the order of the outputs, each once. FORBIDDEN: the account may only read it. NOT_FOUND: the account can see no such workspace, or has no such output.',
  })
  async saveToWorkspace(
    @Arg('input', () => SaveToWorkspaceInput, { description: 'What, and where.' })
    input: SaveToWorkspaceInput,
    @Ctx() context: Context,
  ): Promise<Shape<WorkspaceItem>[]> {
    const account = accountOf(context);
    const id = idArgument('input.workspace', input.workspace);
    const outputs = outputIds('input.outputs', input.outputs);
    return (await context.app.workspaces.save(account, id, outputs)).map(itemOf);
  }

  @Mutation(() => WorkspaceItem, {
    description:
      'Moves an item to another workspace; the account must be able to write to both. Where the same output is saved there already, this item ends and that one is answered. FORBIDDEN: the account may only read one of them. NOT_FOUND: the account can see no such item or workspace.',
  })
  async moveWorkspaceItem(
    @Arg('to', () => ID, { description: 'Id of the workspace it shall be in.' }) to: string,
    @Arg('item', () => ID, { description: 'The item’s id.' }) item: string,
    @Ctx() context: Context,
  ): Promise<Shape<WorkspaceItem>> {
    const account = accountOf(context);
    const { workspaces } = context.app;
    return itemOf(await workspaces.move(account, idArgument('item', item), idArgument('to', to)));
  }

  @Mutation(() => ID, {
    description:
      'Removes an item and its file for good, whoever saved it. Answers its id. FORBIDDEN: the account may only read the workspace. NOT_FOUND: the account can see no such item.',
  })
  async removeFromWorkspace(
    @Arg('item', () => ID, { description: 'The item’s id.' }) item: string,
    @Ctx() context: Context,
  ): Promise<string> {
    await context.app.workspaces.removeItem(accountOf(context), idArgument('item', item));
    return item;
  }
}

@Resolver(() => Workspace)
export class WorkspaceFields {
  @FieldResolver(() => [WorkspaceMember])
  async members(
    @Root() { membership }: Workspace,
    @Ctx() context: Context,
  ): Promise<Shape<WorkspaceMember>[]> {
    const found = await context.app.workspaces.members(accountOf(context), membership);
    return found.map(memberOf);
  }

  @FieldResolver(() => WorkspaceItemConnection)
  async items(
    @Root() { membership }: Workspace,
    @Arg('after', () => String, {
      nullable: true,
      description:
        'Go on behind this item: a `cursor` or `endCursor` answered before. Absent: from the newest.',
    })
    after: string | null | undefined,
    @Arg('first', () => Int, {
      nullable: true,
      defaultValue: PAGE_DEFAULT,
      description: 'How many to answer, 1 to 100.',
    })
    first: number | null,
    @Ctx() { app }: Context,
  ): Promise<Shape<WorkspaceItemConnection>> {
    const count = countWithin('first', first ?? PAGE_DEFAULT, 1, PAGE_MAX);
    const seen = after == null ? null : idIn(after);
    return itemsOf(await app.workspaces.items(membership, count, seen), seen);
  }
}

@Resolver(() => WorkspaceItem)
export class WorkspaceItemFields {
  @FieldResolver(() => String)
  url(
    @Root() { item, fileName }: WorkspaceItem,
    @Arg('download', () => Boolean, {
      defaultValue: false,
      description: 'True: a browser that opens the link saves the file instead of showing it.',
    })
    download: boolean,
    @Ctx() { links }: Context,
  ): string {
    return links.file({ key: item.key, name: fileName, download });
  }

  @FieldResolver(() => String, { nullable: true })
  thumbnailUrl(
    @Root() { item, thumbnailName: name }: WorkspaceItem,
    @Ctx() { links }: Context,
  ): string | null {
    const { thumbnailKey: key } = item;
    return key && links.file({ key, name, download: false });
  }

  @FieldResolver(() => Generation, { nullable: true })
  async generation(
    @Root() { item: { source } }: WorkspaceItem,
    @Ctx() context: Context,
  ): Promise<Shape<Generation> | null> {
    const account = accountOf(context);
    if (source.account !== account) return null;
    const found = await context.generationOf(account, source.generationId);
    return found && generationOf(context.app, found);
  }
}

function idArgument(argument: string, value: string): string {
  return textWithin(argument, value, 1, MAX_ID_LENGTH);
}

function nameArgument(argument: string, value: string): string {
  if (value.length >= 1 && value.length <= MAX_NAME_UNITS) return value;
  throw new Fault('BAD_USER_INPUT', `\`${argument}\` must have 1 to 100 printable characters.`);
}

function outputIds(argument: string, value: readonly string[]): readonly string[] {
  if (value.length >= 1 && value.length <= MAX_SAVED) {
    return value.map((id, index) => idArgument(`${argument}[${index}]`, id));
  }
  throw new Fault(
    'BAD_USER_INPUT',
    `\`${argument}\` must hold 1 to ${MAX_SAVED} ids; it holds ${value.length}. Save more in several calls.`,
  );
}
