import type { Migration } from './migration.ts';

/**
 * Users whose password and attributes are kept in a directory: which entry is theirs, and what the directory said of their
 * credentials when they were last seen. One entry is one user, also where several instances see it first at the same time.
 */
export const usersOfADirectory: Migration = {
  version: 18,
  name: 'users of a directory',
  beside: { kind: 'expand', livesWith: 17 },
  sql: `
ALTER TABLE identity ADD COLUMN entry_id TEXT;
ALTER TABLE identity ADD COLUMN entry_mark TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX identity_entry ON identity (realm, entry_id);
`,
};
