import type { Migration } from './migration.ts';

/**
 * An index by user takes each row of the trail to another page, five for a login, and what SQLite does to make room between
 * others costs as much again. So users are listed beside the trail, some hundred rows at a time and in their order: all
 * those up to `until`. The rows after it are few enough to be looked through.
 */
export const theTrailOfAUserInBatches: Migration = {
  version: 8,
  name: 'the trail of a user in batches',
  sql: `
DROP INDEX audit_user;
CREATE TABLE audit_of_user (
  user_id TEXT NOT NULL, id BIGINT NOT NULL,
  PRIMARY KEY (user_id, id)
){clustered};
INSERT INTO audit_of_user (user_id, id) SELECT user_id, id FROM audit WHERE user_id IS NOT NULL ORDER BY user_id, id;
CREATE TABLE audit_listed (id BIGINT PRIMARY KEY, until BIGINT NOT NULL);
INSERT INTO audit_listed (id, until) SELECT 1, COALESCE(MAX(id), 0) FROM audit;
`,
};
