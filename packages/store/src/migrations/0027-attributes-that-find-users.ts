import type { Migration } from './migration.ts';

/**
 * By which attributes users of a realm are found (OPS-24). A realm without a row is as it was before: all values are there. `names` is the
 * list that was noticed last, of which each has a row; an attribute is not looked by before it is ready, which it is once everybody who was there has
 * been gone through: from `work_from` on, by name, up to `place`. Older programs write all values, and look by all: what they have
 * written is found, and no list of a realm is worked on while one of them serves.
 */
export const attributesThatFindUsers: Migration = {
  version: 27,
  name: 'attributes that find users',
  beside: { kind: 'expand', livesWith: 17 },
  sql: `
CREATE TABLE user_index (
  realm TEXT NOT NULL PRIMARY KEY, names TEXT NOT NULL, work_from BIGINT, place TEXT NOT NULL DEFAULT ''
);
CREATE TABLE user_index_name (
  realm TEXT NOT NULL, name TEXT NOT NULL, is_ready BIGINT NOT NULL, PRIMARY KEY (realm, name)
);
`,
};
