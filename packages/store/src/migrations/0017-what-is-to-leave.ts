import type { Migration } from './migration.ts';

/**
 * What is to be sent once a commit stands, and who wants to hear that a session is over. A grant of such a client is kept a while
 * longer than its tokens are good, so rows are swept by a time of their own.
 */
export const whatIsToLeave: Migration = {
  version: 17,
  name: 'what is to leave',
  sql: `
CREATE TABLE outbox (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, realm TEXT NOT NULL, recipient TEXT NOT NULL, payload {bytes} NOT NULL,
  tries BIGINT NOT NULL, first_tried_at BIGINT NOT NULL, next_try_at BIGINT NOT NULL
);
CREATE INDEX outbox_due ON outbox (next_try_at);
CREATE INDEX outbox_recipient ON outbox (realm, kind, recipient);

ALTER TABLE oauth_grant ADD COLUMN wants_logout_notice BIGINT NOT NULL DEFAULT 0;
ALTER TABLE oauth_grant ADD COLUMN kept_until BIGINT NOT NULL DEFAULT 0;
UPDATE oauth_grant SET kept_until = expires_at;
DROP INDEX oauth_grant_expiry;
CREATE INDEX oauth_grant_kept ON oauth_grant (kept_until);
`,
};
