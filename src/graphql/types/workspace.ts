import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import type { Item, Membership } from '../../app/workspaces.js';
import { Generation } from './generation.js';
import { Node } from './node.js';
import { PageInfo } from './page-info.js';
import { DateTime } from './scalars.js';
import { WorkspaceAccess } from './workspace-enums.js';

@ObjectType({
  description: 'A copy of an output, kept in a workspace. It outlives the generation it came from.',
  implements: Node,
  simpleResolvers: true,
})
export class WorkspaceItem extends Node {
  @Field(() => String, {
    description:
      'Absolute link to the file. It needs no token and stops working after about an hour: ask again for a new one, do not store it. It answers range requests.',
  })
  url?: string;

  @Field(() => String, {
    nullable: true,
    description:
      'Absolute link to a small still picture of it (WebP, at most 320 pixels a side), as `url` otherwise. Null where there is nothing to show, as for audio.',
  })
  thumbnailUrl?: string | null;

  @Field(() => String, { description: 'The name it is saved under, with the right extension.' })
  fileName!: string;

  @Field(() => String, { description: 'SHA-256 of the file, in hex.' })
  sha256!: string;

  @Field(() => String, { description: 'Media type, for example `image/png`.' })
  contentType!: string;

  @Field(() => Float, { description: 'Size in bytes: a whole number that may exceed 2^31.' })
  bytes!: number;

  @Field(() => Int, {
    nullable: true,
    description: 'Width in pixels. Null where it has none (audio) or it is not known.',
  })
  width!: number | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Height in pixels. Null where it has none (audio) or it is not known.',
  })
  height!: number | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Length in milliseconds. Null for still images or where it is not known.',
  })
  durationMs!: number | null;

  @Field(() => String, {
    description: 'What it was made as, as in `Action.kind`: `image`, `video`, `audio` and so on.',
  })
  kind!: string;

  @Field(() => DateTime, { description: 'When it was saved.' })
  savedAt!: Date;

  @Field(() => ID, {
    description:
      'The account that made and saved it; `deleted-…` stands for one that has been deleted.',
  })
  savedBy!: string;

  @Field(() => Generation, {
    nullable: true,
    description:
      'The generation it came from, for the account that made it. Null for everybody else, and once it is deleted.',
  })
  generation?: Generation | null;

  // Not in the schema: what the links and `generation` are made from.
  item!: Item;
  thumbnailName!: string;
}

@ObjectType({
  description: 'One item in a page, with its place in the list.',
  simpleResolvers: true,
})
class WorkspaceItemEdge {
  @Field(() => String, { description: 'Opaque: pass it as `after` to go on behind this item.' })
  cursor!: string;

  @Field(() => WorkspaceItem, { description: 'The item.' })
  node!: WorkspaceItem;
}

@ObjectType({ description: 'A page of a workspace’s items, newest first.', simpleResolvers: true })
export class WorkspaceItemConnection {
  @Field(() => [WorkspaceItemEdge], { description: 'The items of this page.' })
  edges!: WorkspaceItemEdge[];

  @Field(() => PageInfo, { description: 'Whether and how to go on.' })
  pageInfo!: PageInfo;
}

@ObjectType({ description: 'Somebody who can see a workspace.', simpleResolvers: true })
export class WorkspaceMember {
  @Field(() => ID, { description: 'The account.' })
  accountId!: string;

  @Field(() => WorkspaceAccess, { description: 'What it may do there.' })
  access!: keyof typeof WorkspaceAccess;

  @Field(() => DateTime, {
    description: 'Since when: for the owner, when the workspace was made.',
  })
  since!: Date;
}

@ObjectType({
  description:
    'A place to keep outputs, alone or shared with other accounts. It holds up to 5,000 items and 50 members.',
  implements: Node,
  simpleResolvers: true,
})
export class Workspace extends Node {
  @Field(() => String, { description: 'What its owner calls it.' })
  name!: string;

  @Field(() => WorkspaceAccess, { description: 'What the token’s account may do there.' })
  access!: keyof typeof WorkspaceAccess;

  @Field(() => ID, { description: 'The account that owns it.' })
  owner!: string;

  @Field(() => DateTime, { description: 'When it was made.' })
  createdAt!: Date;

  @Field(() => [WorkspaceMember], {
    description:
      'Its owner first, then those it is shared with, the longest first. The owner sees all of them, a member the owner and itself.',
  })
  members?: WorkspaceMember[];

  @Field(() => WorkspaceItemConnection, { description: 'What is saved there, newest first.' })
  items?: WorkspaceItemConnection;

  // Not in the schema: what `members` and `items` are read by.
  membership!: Membership;
}

@ObjectType({
  description: 'One workspace in a page, with its place in the list.',
  simpleResolvers: true,
})
class WorkspaceEdge {
  @Field(() => String, {
    description: 'Opaque: pass it as `after` to go on behind this workspace.',
  })
  cursor!: string;

  @Field(() => Workspace, { description: 'The workspace.' })
  node!: Workspace;
}

@ObjectType({
  description: 'A page of the workspaces an account can see, newest first.',
  simpleResolvers: true,
})
export class WorkspaceConnection {
  @Field(() => [WorkspaceEdge], { description: 'The workspaces of this page.' })
  edges!: WorkspaceEdge[];

  @Field(() => PageInfo, { description: 'Whether and how to go on.' })
  pageInfo!: PageInfo;
}
