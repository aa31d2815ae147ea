import type { Migration } from './migration.ts';

/** Which instances share the database, and what one of them does for all. */
export const whoIsThere: Migration = {
  version: 22,
  name: 'who is there',
  beside: { kind: 'expand', livesWith: 17 },
  sql: `
CREATE TABLE IF NOT EXISTS lease (name TEXT PRIMARY KEY, holder TEXT NOT NULL, held_until BIGINT NOT NULL);
CREATE TABLE instance (
  name TEXT PRIMARY KEY,
  process_id TEXT NOT NULL,
  host TEXT NOT NULL,
  version TEXT NOT NULL,
  started_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL,
  configuration_version BIGINT NOT NULL,
  facts TEXT NOT NULL
);
CREATE INDEX instance_seen ON instance (seen_at);
`,
};
