import type { Migration } from './migration.ts';

/** Journeys that others have asked for. What they begin with, tell and end in is sealed; of the id there is the hash alone. */
export const backChannels: Migration = {
  version: 5,
  name: 'back channels',
  sql: `
CREATE TABLE back_channel (
  id_hash TEXT PRIMARY KEY, realm TEXT NOT NULL, tree TEXT NOT NULL, opened_by TEXT NOT NULL, expires_at BIGINT NOT NULL,
  allow_retry BIGINT NOT NULL, subject TEXT, status TEXT NOT NULL, data {bytes} NOT NULL, notice {bytes}, properties {bytes}
);
CREATE INDEX back_channel_expires ON back_channel (expires_at);
CREATE INDEX back_channel_subject ON back_channel (subject) WHERE subject IS NOT NULL;
CREATE INDEX back_channel_realm ON back_channel (realm);
`,
};
