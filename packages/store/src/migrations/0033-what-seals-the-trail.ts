import type { Migration } from './migration.ts';

/**
 * The trail is a chain of hashes, made after the commits (SEC-80, ADR 107). `chain_hash` was there from the beginning; `salt` and
 * `detail_hash` let a detail be erased without a break. `audit_sealed` has one row once anything was sealed: how far the chain goes, and
 * from where on it is kept.
 */
export const whatSealsTheTrail: Migration = {
  version: 33,
  name: 'what seals the trail',
  beside: { kind: 'expand', livesWith: 17 },
  sql: `
ALTER TABLE audit ADD COLUMN salt TEXT;
ALTER TABLE audit ADD COLUMN detail_hash TEXT;
CREATE TABLE audit_sealed (
  id BIGINT PRIMARY KEY, position BIGINT NOT NULL, hash TEXT NOT NULL, count BIGINT NOT NULL,
  begins BIGINT NOT NULL, begins_hash TEXT NOT NULL, checkpoint BIGINT NOT NULL, checkpoint_at BIGINT NOT NULL
);
`,
};
