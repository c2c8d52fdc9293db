import type { ActionKind } from './domain/catalog.js';
import type { Output } from './domain/generation.js';

/** Places to keep outputs, alone or with others. A saved output is a copy: it outlives the generation it came from. */
export interface Workspaces {
  /**
   * Creates it, or answers the one its owner made with this request before. `full`: the owner has as many as allowed; `closed`: the
   * owner's account is being deleted.
   */
  create(
    workspace: Workspace,
    requestKey: string,
    maxOwned: number,
  ): Promise<Workspace | 'full' | 'closed'>;
  /** What `account` may do there, with the workspace; null: no such workspace, or none of its business. */
  access(account: string, id: string): Promise<Membership | null>;
  /** All that `account` owns or shares, the newest first; `before` is the id of the last one seen. */
  list(account: string, first: number, before: string | null): Promise<Membership[]>;
  rename(owner: string, id: string, name: string): Promise<void>;
  /** Removes it with its shares and items; the items' files are due for removal from then on. */
  remove(owner: string, id: string, at: number): Promise<void>;

  members(owner: string, id: string): Promise<Member[]>;
  /** Shares it, or changes what a member may do. `full`: it is shared with as many as it may be; `absent`: it is gone. */
  share(
    workspace: Workspace,
    member: Member,
    maxMembers: number,
  ): Promise<'shared' | 'full' | 'absent'>;
  unshare(owner: string, id: string, account: string): Promise<void>;

  /** Newest first; `before` is the id of the last one seen. */
  items(owner: string, id: string, first: number, before: string | null): Promise<Item[]>;
  /** An item of a workspace that `account` can read, with what it may do there. */
  item(account: string, itemId: string): Promise<{ item: Item; membership: Membership } | null>;
  /**
   * Adds items whose files are there already, and takes those files off the list of removals: all in one transaction, or none.
   * They are of one workspace, saved by one account. Answers the items that stand, in the same order: the same output is
   * saved once. `full`: the workspace holds as many as it may; `absent`: it is gone, or no longer theirs to write to.
   */
  save(items: readonly Item[], maxItems: number): Promise<Item[] | 'full' | 'absent'>;
  /** Moves an item to another workspace; where the same output is there already, this one ends. `absent`: one of them is gone. */
  move(item: Item, to: Workspace, maxItems: number, at: number): Promise<Item | 'full' | 'absent'>;
  /** Removes an item; its file is due for removal from then on. */
  removeItem(item: Item, at: number): Promise<void>;
}

export type Access = 'READ' | 'WRITE' | 'OWNER';

export interface Workspace {
  /** `ws_` and a UUIDv7: ordered by creation. */
  id: string;
  owner: string;
  name: string;
  createdAt: number;
}

export interface Membership {
  workspace: Workspace;
  access: Access;
}

export interface Member {
  account: string;
  access: 'READ' | 'WRITE';
  at: number;
}

/** A copy of an output, kept in a workspace. */
export interface Item extends Output {
  /** `item_` and a UUIDv7: ordered by when it was saved. */
  id: string;
  owner: string;
  workspaceId: string;
  kind: ActionKind;
  /** Where it came from. */
  source: { account: string; generationId: string; index: number };
  savedBy: string;
  savedAt: number;
}
