import type { Migration } from './migration.ts';

/**
 * Nodes that no tree uses are kept too, and those inside trees are sealed, since settings hold secrets. Both need more
 * than SQL: what is in `tree_unsealed` is moved when the store is opened. `retired_at` is null for the version in force.
 */
export const nodesOfTheirOwn: Migration = {
  version: 3,
  name: 'nodes of their own',
  sql: `
ALTER TABLE tree RENAME TO tree_unsealed;
CREATE TABLE tree (
  realm TEXT NOT NULL, name TEXT NOT NULL, version BIGINT NOT NULL, tree TEXT NOT NULL, nodes {bytes} NOT NULL,
  retired_at BIGINT,
  PRIMARY KEY (realm, name, version)
);
CREATE UNIQUE INDEX tree_in_force ON tree (realm, name) WHERE retired_at IS NULL;
CREATE INDEX tree_retired ON tree (retired_at) WHERE retired_at IS NOT NULL;
CREATE TABLE node (
  realm TEXT NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL, config {bytes} NOT NULL,
  PRIMARY KEY (realm, id)
);
`,
};
