import type { Migration } from './migration.ts';

/**
 * The rows that each of the last configuration changes has written, so that an instance reads those and not all configuration of all
 * realms. Where an older program has written a version, there is no row of it, and everything is read.
 */
export const whichRowsAChangeHasTouched: Migration = {
  version: 38,
  name: 'which rows a change has touched',
  beside: { kind: 'expand', livesWith: 17 },
  sql: `
CREATE TABLE configuration_change (version BIGINT PRIMARY KEY, touched TEXT NOT NULL);
`,
};
