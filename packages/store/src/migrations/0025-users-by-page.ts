import type { Migration } from './migration.ts';

/**
 * Users are listed by page (OPS-24): by name in the order of an index that is there, by value in the order of one that goes on
 * with the user, since many may have one value. How a text begins is a range of an index as long as that is in the order of
 * bytes; a database that sorts as people do is told so, of these columns. `leaving_realm` has the realms that are deleted and
 * still have rows: nothing of them is found any more, and the sweep takes them away; of journeys, which no index finds by
 * their realm, it has looked through those up to `journeys_until`.
 */
export const usersByPage: Migration = {
  version: 25,
  name: 'users by page',
  beside: { kind: 'expand', livesWith: 17 },
  sql: `
{by_language}ALTER TABLE identity ALTER COLUMN folded TYPE TEXT COLLATE "C";
{by_language}ALTER TABLE identity_value ALTER COLUMN folded TYPE TEXT COLLATE "C";
{by_language}ALTER TABLE throttle ALTER COLUMN subject TYPE TEXT COLLATE "C";
CREATE INDEX identity_value_page ON identity_value (realm, name, folded, user_id);
DROP INDEX identity_value_sought;
CREATE INDEX identity_unindexed ON identity (id) WHERE indexed = 0;
CREATE TABLE leaving_realm (path TEXT NOT NULL PRIMARY KEY, journeys_until TEXT NOT NULL DEFAULT '');
`,
};
