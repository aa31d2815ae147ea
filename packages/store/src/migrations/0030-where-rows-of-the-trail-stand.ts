import type { Migration } from './migration.ts';

/**
 * The trail is sent on in the order of `position` (OPS-58, ADR 96). Where its rows go by numbers that are given in the order of commits, that
 * is the number itself; elsewhere whoever holds the lease numbers what has been committed, and finds it by `audit_unplaced`, which a row
 * leaves by its number. `audit_sent` says up to where the sink has taken it.
 */
export const whereRowsOfTheTrailStand: Migration = {
  version: 30,
  name: 'where rows of the trail stand',
  beside: { kind: 'expand', livesWith: 17 },
  sql: `
ALTER TABLE audit ADD COLUMN position BIGINT;
CREATE TABLE audit_sent (id BIGINT PRIMARY KEY, position BIGINT NOT NULL);
{by_id}CREATE INDEX audit_unplaced ON audit (id) WHERE position IS NULL;
{by_id}CREATE INDEX audit_placed ON audit (position) WHERE position IS NOT NULL;
`,
};
