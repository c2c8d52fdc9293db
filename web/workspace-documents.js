// What the Studio asks of the gateway about workspaces. Partners may take these as they are.
const WORKSPACE = `fragment WorkspaceParts on Workspace {
  id name access owner createdAt members { accountId access }
}`;

const ITEM = `fragment ItemParts on WorkspaceItem {
  id url downloadUrl: url(download: true) thumbnailUrl fileName contentType bytes width height durationMs
  kind savedAt savedBy generation { prompt }
}`;

/** Every workspace there is, by name only: for menus. */
export const SHELF = `query Shelf($after: String) {
  workspaces(first: 100, after: $after) {
    edges { node { id name access } }
    pageInfo { hasNextPage endCursor }
  }
}`;

/** Workspaces to look at, each with its newest items. */
export const WORKSPACES = `query Workspaces($after: String) {
  workspaces(first: 24, after: $after) {
    edges { node { ...WorkspaceParts items(first: 4) { edges { node { id thumbnailUrl kind } } } } }
    pageInfo { hasNextPage endCursor }
  }
} ${WORKSPACE}`;

export const WORKSPACE_ITEMS = `query WorkspaceItems($id: ID!, $after: String) {
  workspace(id: $id) {
    ...WorkspaceParts
    items(first: 24, after: $after) {
      edges { node { ...ItemParts } }
      pageInfo { hasNextPage endCursor }
    }
  }
} ${WORKSPACE} ${ITEM}`;

export const ONE_ITEM = `query OneItem($id: ID!) { node(id: $id) { ...ItemParts } } ${ITEM}`;

export const CREATE_WORKSPACE = `mutation CreateWorkspace($input: CreateWorkspaceInput!) {
  createWorkspace(input: $input) { ...WorkspaceParts }
} ${WORKSPACE}`;

export const RENAME_WORKSPACE = `mutation RenameWorkspace($id: ID!, $name: String!) {
  renameWorkspace(id: $id, name: $name) { ...WorkspaceParts }
} ${WORKSPACE}`;

export const DELETE_WORKSPACE = `mutation DeleteWorkspace($id: ID!) { deleteWorkspace(id: $id) }`;

export const SHARE = `mutation Share($input: ShareWorkspaceInput!) {
  shareWorkspace(input: $input) { ...WorkspaceParts }
} ${WORKSPACE}`;

export const UNSHARE = `mutation Unshare($workspace: ID!, $accountId: ID!) {
  unshareWorkspace(workspace: $workspace, accountId: $accountId) { ...WorkspaceParts }
} ${WORKSPACE}`;

export const SAVE = `mutation Save($input: SaveToWorkspaceInput!) { saveToWorkspace(input: $input) { id } }`;

export const MOVE_ITEM = `mutation MoveItem($item: ID!, $to: ID!) {
  moveWorkspaceItem(item: $item, to: $to) { id }
}`;

export const REMOVE_ITEM = `mutation RemoveItem($item: ID!) { removeFromWorkspace(item: $item) }`;
