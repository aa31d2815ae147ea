import type { Migration } from './migration.ts';

/** How many credentials a user has had: journeys and cookies that were begun under an older one are over. */
export const credentialsOfUsers: Migration = {
  version: 6,
  name: 'credentials of users',
  sql: `
ALTER TABLE identity ADD COLUMN credential_rev BIGINT NOT NULL DEFAULT 1;
`,
};
