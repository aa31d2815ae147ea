import type { Migration } from './migration.ts';

/**
 * How many wrong proofs came one after the other, however long that took, and against which version of the credentials (SEC-57,
 * ADR 110). An older program that counts meanwhile leaves both as they are.
 */
export const failuresInARow: Migration = {
  version: 32,
  name: 'failures in a row',
  beside: { kind: 'expand', livesWith: 17 },
  sql: `
ALTER TABLE throttle ADD COLUMN failures BIGINT NOT NULL DEFAULT 0;
ALTER TABLE throttle ADD COLUMN credential BIGINT NOT NULL DEFAULT 0;
`,
};
