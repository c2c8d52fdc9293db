import { Fault } from '../../domain/fault.js';
import type { Access, Membership } from '../../workspaces.js';
import type { Core } from '../core.js';

/**
 * The workspace, if `account` may do there what is `needed`. Throws NOT_FOUND where it has no access at all, exactly as for a
 * workspace that does not exist, and FORBIDDEN where it has too little.
 */
export async function requireAccess(
  { workspaces }: Core,
  account: string,
  id: string,
  needed: Access,
): Promise<Membership> {
  const membership = await workspaces.access(account, id);
  if (!membership) throw noSuchWorkspace(id);
  requireRight(membership, needed);
  return membership;
}

/** Throws FORBIDDEN, with who can help. */
export function requireRight({ access, workspace }: Membership, needed: Access): void {
  if (RANK[access] >= RANK[needed]) return;
  const { owner } = workspace;
  throw new Fault(
    'FORBIDDEN',
    needed === 'OWNER'
      ? `Only the owner of this workspace, ${owner}, can do this. Ask them.`
      : `You can only read this workspace. Its owner, ${owner}, can give you WRITE access.`,
  );
}

const RANK: Readonly<Record<Access, number>> = { READ: 0, WRITE: 1, OWNER: 2 };

export function noSuchWorkspace(id: string): Fault {
  return new Fault('NOT_FOUND', `There is no workspace ${id}. Look it up in workspaces.`);
}

export function noSuchItem(id: string): Fault {
  return new Fault('NOT_FOUND', `There is no item ${id}. Look it up in a workspace’s items.`);
}

/** A workspace is as small as this, so that a page of it is always quick to answer. */
export const MAX_ITEMS = 5_000;

export function full(): Fault {
  return new Fault(
    'BAD_USER_INPUT',
    `A workspace holds up to ${MAX_ITEMS.toLocaleString('en-US')} items, and this would be more. Nothing was changed: remove items first, or use another workspace.`,
  );
}
