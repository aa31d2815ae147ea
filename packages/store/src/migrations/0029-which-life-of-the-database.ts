import type { Migration } from './migration.ts';

/**
 * A database that is put back from a backup begins another life, and says so by a number (OPS-61, REL-26); `home` is where this copy of it
 * belongs, so that one which has come elsewhere is known for it. Both lie beside the version, which every instance asks for anyway.
 */
export const whichLifeOfTheDatabase: Migration = {
  version: 29,
  name: 'which life of the database',
  beside: { kind: 'expand', livesWith: 17 },
  sql: `
ALTER TABLE configuration_version ADD COLUMN epoch BIGINT NOT NULL DEFAULT 0;
ALTER TABLE configuration_version ADD COLUMN home TEXT;
`,
};
