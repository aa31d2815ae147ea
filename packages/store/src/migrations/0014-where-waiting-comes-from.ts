import type { Migration } from './migration.ts';

/**
 * What waits for somebody to sign in is counted by where it comes from, unless its client has proven who it is: that takes the place of
 * whether a request was pushed, since a public client pushes without a proof. What waits now, for an hour at most, is older
 * than all that comes.
 */
export const whereWaitingComesFrom: Migration = {
  version: 14,
  name: 'where waiting comes from',
  sql: `
DROP INDEX oauth_parked_client;
ALTER TABLE oauth_parked DROP COLUMN is_pushed;
ALTER TABLE oauth_parked ADD COLUMN source TEXT;
ALTER TABLE oauth_parked ADD COLUMN created_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX oauth_parked_client ON oauth_parked (realm, client_id, source, expires_at);

ALTER TABLE oauth_pending ADD COLUMN source TEXT;
ALTER TABLE oauth_pending ADD COLUMN created_at BIGINT NOT NULL DEFAULT 0;
`,
};
