import { ask } from '/studio/api.js';
import { SHELF } from '/studio/workspace-documents.js';

// Of the 100 somebody may own, and any number shared with them: more do not fit into a menu.
const MOST_PAGES = 5;

/** The workspaces this account can see, by name, for menus. `onChange` gets them whenever they were read anew. */
export function makeShelf({ onChange }) {
  let workspaces = [];
  return {
    all: () => workspaces,
    /** Those that can be saved to. */
    writable: () => workspaces.filter(({ access }) => access !== 'READ'),
    async read() {
      const found = [];
      let after = null;
      for (let page = 0; page < MOST_PAGES; page += 1) {
        const { edges, pageInfo } = (await ask(SHELF, { after })).workspaces;
        found.push(...edges.map(({ node }) => node));
        if (!pageInfo.hasNextPage) break;
        after = pageInfo.endCursor;
      }
      workspaces = found;
      onChange(workspaces);
    },
  };
}
