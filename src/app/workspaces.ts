import { Fault } from '../domain/fault.js';
import { requestKey } from '../domain/request.js';
import { workspaceName } from '../domain/workspace-name.js';
import type { Access, Item, Member, Membership } from '../workspaces.js';
import type { Core } from './core.js';
import { newId } from './new-id.js';
import {
  full,
  MAX_ITEMS,
  noSuchItem,
  noSuchWorkspace,
  requireAccess,
  requireRight,
} from './workspaces/access.js';
import { makeSave } from './workspaces/save.js';

export type { Item, Membership } from '../workspaces.js';

/**
 * Workspaces: outputs kept apart from the history, alone or with others. What an account cannot see answers NOT_FOUND, exactly as
 * what does not exist; what it can see but not do, FORBIDDEN.
 */
export interface WorkspaceCases {
  /** The same request id answers the same workspace, as it is now. */
  create(account: string, requestId: string, name: string): Promise<Membership>;
  /** Null: no such workspace, or none of its business. */
  get(account: string, id: string): Promise<Membership | null>;
  /** Its own and those shared with it, newest first; `after` is the id of the last one seen. */
  list(account: string, first: number, after: string | null): Promise<Page<Membership>>;
  /** The owner's. */
  rename(account: string, id: string, name: string): Promise<Membership>;
  /** The owner's: it goes with all its items. */
  remove(account: string, id: string): Promise<void>;

  /** The owner, then the members: the owner sees all of them, a member only itself. */
  members(account: string, membership: Membership): Promise<Participant[]>;
  /** The owner's. Sharing with the same account again changes what it may do. */
  share(account: string, id: string, member: Omit<Member, 'at'>): Promise<Membership>;
  /** The owner's, for anybody; everybody's, for themselves: null then. */
  unshare(account: string, id: string, member: string): Promise<Membership | null>;

  /** Newest first; `after` is the id of the last one seen. */
  items(membership: Membership, first: number, after: string | null): Promise<Page<Item>>;
  item(account: string, itemId: string): Promise<Item | null>;
  /** Saves copies of the account's own outputs, all of them or none. What is saved already is answered as it is. */
  save(account: string, id: string, outputs: readonly string[]): Promise<Item[]>;
  /** Answers the item that stands there: where the same output was saved before, this one ends. */
  move(account: string, itemId: string, to: string): Promise<Item>;
  removeItem(account: string, itemId: string): Promise<void>;
}

export interface Page<T> {
  nodes: T[];
  hasNextPage: boolean;
}

export interface Participant {
  account: string;
  access: Access;
  /** Since when. */
  at: number;
}

const MAX_OWNED = 100;
const MAX_MEMBERS = 50;

export function makeWorkspaces(core: Core): WorkspaceCases {
  return {
    ...places(core),
    ...sharing(core),
    ...contents(core),
    save: makeSave(core),
  };
}

type Places = Pick<WorkspaceCases, 'create' | 'get' | 'list' | 'rename' | 'remove'>;

function places(core: Core): Places {
  const { workspaces, clock } = core;
  return {
    async create(account, requestId, name) {
      const createdAt = clock.now();
      const id = `ws_${newId(createdAt)}`;
      const asked = { id, owner: account, name: checked(name), createdAt };
      const workspace = await workspaces.create(asked, requestKey(requestId), MAX_OWNED);
      if (workspace === 'closed') {
        throw new Fault('FORBIDDEN', 'This account is being deleted: nothing new can be made.');
      }
      if (workspace !== 'full') return { workspace, access: 'OWNER' };
      throw new Fault(
        'BAD_USER_INPUT',
        `You own ${MAX_OWNED} workspaces, and more cannot be made. Delete one first.`,
      );
    },
    get: (account, id) => workspaces.access(account, id),
    list: async (account, first, after) =>
      pageOf(await workspaces.list(account, first + 1, after), first),
    async rename(account, id, name) {
      const { workspace } = await requireAccess(core, account, id, 'OWNER');
      await workspaces.rename(account, id, checked(name));
      return requireAccess(core, account, workspace.id, 'OWNER');
    },
    async remove(account, id) {
      await requireAccess(core, account, id, 'OWNER');
      await workspaces.remove(account, id, clock.now());
    },
  };
}

type Sharing = Pick<WorkspaceCases, 'members' | 'share' | 'unshare'>;

function sharing(core: Core): Sharing {
  const { workspaces, clock } = core;

  /** Whoever has left has left, also when it is said again. */
  async function leave(account: string, id: string): Promise<void> {
    const membership = await workspaces.access(account, id);
    if (membership?.access === 'OWNER') {
      throw new Fault('BAD_USER_INPUT', 'You own this workspace. Delete it to be rid of it.');
    }
    if (membership) await workspaces.unshare(membership.workspace.owner, id, account);
  }

  return {
    async members(account, { workspace, access }) {
      const { id, owner, createdAt } = workspace;
      const all = await workspaces.members(owner, id);
      const seen = access === 'OWNER' ? all : all.filter((member) => member.account === account);
      return [{ account: owner, access: 'OWNER', at: createdAt }, ...seen];
    },
    async share(account, id, member) {
      const membership = await requireAccess(core, account, id, 'OWNER');
      if (member.account === account) {
        throw new Fault('BAD_USER_INPUT', 'You own this workspace. Share it with another account.');
      }
      const { workspace } = membership;
      const shared = await workspaces.share(workspace, { ...member, at: clock.now() }, MAX_MEMBERS);
      if (shared === 'shared') return membership;
      if (shared === 'absent') throw noSuchWorkspace(id);
      throw new Fault(
        'BAD_USER_INPUT',
        `This workspace is shared with ${MAX_MEMBERS} accounts, and more cannot be added. Unshare it with one first.`,
      );
    },
    async unshare(account, id, member) {
      if (member === account) {
        await leave(account, id);
        return null;
      }
      const membership = await requireAccess(core, account, id, 'OWNER');
      await workspaces.unshare(account, id, member);
      return membership;
    },
  };
}

type Contents = Pick<WorkspaceCases, 'items' | 'item' | 'move' | 'removeItem'>;

function contents(core: Core): Contents {
  const { workspaces, clock } = core;

  /** Where the account may write. */
  async function found(account: string, itemId: string): Promise<Item> {
    const answer = await workspaces.item(account, itemId);
    if (!answer) throw noSuchItem(itemId);
    requireRight(answer.membership, 'WRITE');
    return answer.item;
  }

  return {
    items: async ({ workspace: { owner, id } }, first, after) =>
      pageOf(await workspaces.items(owner, id, first + 1, after), first),
    item: async (account, itemId) => (await workspaces.item(account, itemId))?.item ?? null,
    async move(account, itemId, to) {
      const item = await found(account, itemId);
      const { workspace } = await requireAccess(core, account, to, 'WRITE');
      const moved = await workspaces.move(item, workspace, MAX_ITEMS, clock.now());
      if (moved === 'full') throw full();
      if (moved !== 'absent') return moved;
      // One of the two is gone: which, the next lookups say.
      await requireAccess(core, account, to, 'WRITE');
      throw noSuchItem(itemId);
    },
    async removeItem(account, itemId) {
      await workspaces.removeItem(await found(account, itemId), clock.now());
    },
  };
}

/** One more than asked for tells whether there is a next page. */
function pageOf<T>(found: readonly T[], first: number): Page<T> {
  return { nodes: found.slice(0, first), hasNextPage: found.length > first };
}

function checked(value: string): string {
  const name = workspaceName(value);
  if (name !== null) return name;
  throw new Fault('BAD_USER_INPUT', '`name` must have 1 to 100 printable characters.');
}
