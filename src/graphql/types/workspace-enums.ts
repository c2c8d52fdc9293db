import { registerEnumType } from 'type-graphql';

export const WorkspaceAccess = { READ: 'READ', WRITE: 'WRITE', OWNER: 'OWNER' } as const;

registerEnumType(WorkspaceAccess, {
  name: 'WorkspaceAccess',
  description: 'What an account may do in a workspace; each includes those before it.',
  valuesConfig: {
    READ: { description: 'See it, download its items and use them as inputs. Leave it.' },
    WRITE: { description: 'Save items, move and remove them, whoever saved them.' },
    OWNER: { description: 'Rename it, share it, delete it. One account, always the same.' },
  },
});

export const ShareAccess = { READ: 'READ', WRITE: 'WRITE' } as const;

registerEnumType(ShareAccess, {
  name: 'ShareAccess',
  description: 'What an account that a workspace is shared with may do there.',
  valuesConfig: {
    READ: { description: 'See it, download its items and use them as inputs.' },
    WRITE: { description: 'Also save items, move and remove them.' },
  },
});
