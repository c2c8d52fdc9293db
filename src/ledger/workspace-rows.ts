import type { ActionKind } from '../domain/catalog.js';
import type { Access, Item, Member, Membership, Workspace } from '../workspaces.js';
import { int, outputOf, text } from './rows.js';
import type { Row } from './rows.js';

const WORKSPACE_FIELDS = ['owner', 'id', 'name', 'created_at'];
const ITEM_FIELDS = [
  ...['owner', 'workspace_id', 'id', 'source_account', 'generation_id', 'idx'],
  ...['asset_key', 'thumbnail_key', 'content_type', 'bytes', 'sha256'],
  ...['width', 'height', 'duration_ms', 'kind', 'saved_by', 'saved_at'],
];

export const WORKSPACE_COLUMNS = WORKSPACE_FIELDS.join(', ');
export const ITEM_COLUMNS = ITEM_FIELDS.join(', ');
/** The same, of tables named `w` and `i`. */
export const W_COLUMNS = WORKSPACE_FIELDS.map((field) => `w.${field}`).join(', ');
export const I_COLUMNS = ITEM_FIELDS.map((field) => `i.${field}`).join(', ');

export function workspaceOf(row: Row): Workspace {
  return {
    id: text(row, 'id'),
    owner: text(row, 'owner'),
    name: text(row, 'name'),
    createdAt: int(row, 'created_at'),
  };
}

export function workspaceRow(workspace: Workspace, requestKey: string): Row {
  return {
    owner: workspace.owner,
    id: workspace.id,
    name: workspace.name,
    request_key: requestKey,
    created_at: workspace.createdAt,
  };
}

export function membershipOf(row: Row): Membership {
  return { workspace: workspaceOf(row), access: text(row, 'access') as Access };
}

export function memberOf(row: Row): Member {
  return {
    account: text(row, 'account'),
    access: text(row, 'access') as Member['access'],
    at: int(row, 'at'),
  };
}

export function itemOf(row: Row): Item {
  return {
    ...outputOf(row),
    id: text(row, 'id'),
    owner: text(row, 'owner'),
    workspaceId: text(row, 'workspace_id'),
    kind: text(row, 'kind') as ActionKind,
    source: {
      account: text(row, 'source_account'),
      generationId: text(row, 'generation_id'),
      index: int(row, 'idx'),
    },
    savedBy: text(row, 'saved_by'),
    savedAt: int(row, 'saved_at'),
  };
}

export function itemRow(item: Item): Row {
  return {
    owner: item.owner,
    workspace_id: item.workspaceId,
    id: item.id,
    source_account: item.source.account,
    generation_id: item.source.generationId,
    idx: item.source.index,
    asset_key: item.key,
    thumbnail_key: item.thumbnailKey,
    content_type: item.contentType,
    bytes: item.bytes,
    sha256: item.sha256,
    width: item.width,
    height: item.height,
    duration_ms: item.durationMs,
    kind: item.kind,
    saved_by: item.savedBy,
    saved_at: item.savedAt,
  };
}
