import type { Item, Membership, Page, Participant } from '../app/workspaces.js';
import { fileNameOf } from '../domain/file-name.js';
import { cursorOf } from './cursor.js';
import { pageInfoOf, type Shape } from './map.js';
import type {
  Workspace,
  WorkspaceConnection,
  WorkspaceItem,
  WorkspaceItemConnection,
  WorkspaceMember,
} from './types/workspace.js';

export function workspaceOf(membership: Membership): Shape<Workspace> {
  const { access, workspace } = membership;
  const { id, name, owner, createdAt } = workspace;
  return { id, name, owner, access, createdAt: new Date(createdAt), membership };
}

export function memberOf({ account, access, at }: Participant): Shape<WorkspaceMember> {
  return { accountId: account, access, since: new Date(at) };
}

export function itemOf(item: Item): Shape<WorkspaceItem> {
  const { id, sha256, contentType, bytes, width, height, durationMs, kind, savedBy } = item;
  const named = { action: kind, createdAt: item.savedAt, index: item.source.index, id };
  return {
    ...{ id, sha256, contentType, bytes, width, height, durationMs, kind, savedBy, item },
    savedAt: new Date(item.savedAt),
    fileName: fileNameOf({ ...named, contentType }),
    // Small pictures are WebP, whatever they are of.
    thumbnailName: fileNameOf({ ...named, contentType: 'image/webp' }),
  };
}

export function workspacesOf(
  page: Page<Membership>,
  after: string | null,
): Shape<WorkspaceConnection> {
  const edges = page.nodes.map((membership) => ({
    cursor: cursorOf(membership.workspace.id),
    node: workspaceOf(membership),
  }));
  return { edges, pageInfo: pageInfoOf(edges, page.hasNextPage, after) };
}

export function itemsOf(page: Page<Item>, after: string | null): Shape<WorkspaceItemConnection> {
  const edges = page.nodes.map((item) => ({ cursor: cursorOf(item.id), node: itemOf(item) }));
  return { edges, pageInfo: pageInfoOf(edges, page.hasNextPage, after) };
}
