import { describeErasing } from './workspaces.erasing.js';
import { describeItems } from './workspaces.items.js';
import { describePlaces } from './workspaces.places.js';
import type { WorkspacesHarness } from './workspaces.samples.js';

/** What every keeper of workspaces must do, on a fresh database. */
export function workspacesContract(name: string, start: () => Promise<WorkspacesHarness>): void {
  describe(`${name}, as every keeper of workspaces`, () => {
    let harness: WorkspacesHarness;
    beforeAll(async () => {
      harness = await start();
    });
    afterAll(() => harness.database.dispose());

    describePlaces(() => harness);
    describeItems(() => harness);
    describeErasing(() => harness);
  });
}
