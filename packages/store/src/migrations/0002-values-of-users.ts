import type { Migration } from './migration.ts';

/**
 * Short values of attributes, folded, to find users by. Folding is no business of SQL: rows of users from before are made
 * when the store is opened, for those who are not `indexed`.
 */
export const valuesOfUsers: Migration = {
  version: 2,
  name: 'values of users',
  sql: `
CREATE TABLE identity_value (
  user_id TEXT NOT NULL, realm TEXT NOT NULL, name TEXT NOT NULL, folded TEXT NOT NULL,
  PRIMARY KEY (user_id, name, folded)
);
CREATE INDEX identity_value_sought ON identity_value (realm, name, folded);
ALTER TABLE identity ADD COLUMN indexed BIGINT NOT NULL DEFAULT 0;
`,
};
