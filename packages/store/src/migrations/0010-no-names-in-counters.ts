import type { Migration } from './migration.ts';

/**
 * Counters had in their subjects the names and addresses that strangers typed, however long (SEC-46). They are emptied: from
 * here on there is a digest in their place, and none of the old ones would be read again.
 */
export const noNamesInCounters: Migration = {
  version: 10,
  name: 'no names in counters',
  sql: `
DELETE FROM throttle WHERE subject LIKE 'password:%' OR subject LIKE 'mail:%';
`,
};
