import type { Item, Membership, Page, WorkspaceCases } from '../../src/app/workspaces.js';
import type { App } from '../../src/app.js';
import { fakeApp, generationWith, NOW, serve, type Harness } from './harness.js';

export const membership: Membership = {
  workspace: { id: 'ws_1', owner: 'ada', name: 'Autumn', createdAt: NOW },
  access: 'OWNER',
};

export const itemWith = (changes: Partial<Item> = {}): Item => ({
  id: 'item_019587a0-0000-7000-8000-00000000000a',
  owner: 'ada',
  workspaceId: 'ws_1',
  kind: 'image',
  source: { account: 'ada', generationId: generationWith().id, index: 2 },
  savedBy: 'ada',
  savedAt: NOW + 1_000,
  key: 'd1g/ws_1/file.png',
  thumbnailKey: 'd1g/ws_1/file-small.webp',
  contentType: 'image/png',
  bytes: 5_000_000_000,
  sha256: 'ab'.repeat(32),
  width: 8,
  height: 9,
  durationMs: null,
  ...changes,
});

/** A server whose app answers as `cases` say; `asked` are its use cases and their arguments, in order. */
export async function serveCases(
  cases: Partial<WorkspaceCases>,
  changes: Partial<App> = {},
): Promise<Harness & { asked: unknown[][] }> {
  const asked: unknown[][] = [];
  const workspaces = { ...fakeApp().workspaces };
  for (const [name, answer] of Object.entries(cases)) {
    Object.assign(workspaces, {
      [name]: (...all: unknown[]) => {
        asked.push([name, ...all]);
        return (answer as (...all: unknown[]) => unknown)(...all);
      },
    });
  }
  return { ...(await serve(fakeApp({ ...changes, workspaces }))), asked };
}

export const page = <T>(nodes: T[], hasNextPage = false): Promise<Page<T>> =>
  Promise.resolve({ nodes, hasNextPage });
