import type { Migration } from './migration.ts';

/**
 * A commit writes each page that it changed to the log, whole, and each index that it changed is a page at least: of a
 * login, 40 pages. So indexes hold only what is looked for, and are left alone by what happens often.
 *
 * Of a request, `id` finds the first message, which lends the request its id, and an index the others alone. `is_open`
 * says that a message is pending, or answered and not consumed: an answer leaves it, and its index, as they are.
 * Counters lie under their subject; `last_hit_hour` is the hour that the newest hit was in, so that its index is written
 * once an hour. The trail is only ever appended to, so its numbers need no counter of their own.
 */
export const fewerPagesForALogin: Migration = {
  version: 7,
  name: 'fewer pages for a login',
  sql: `
DROP INDEX push_message_request;
DROP INDEX push_message_user;
DROP INDEX push_message_ringing;
DROP INDEX push_message_device;
ALTER TABLE push_message ADD COLUMN is_open BIGINT NOT NULL DEFAULT 0;
UPDATE push_message SET is_open = 1 WHERE state IN ('pending', 'approved', 'denied');
CREATE INDEX push_message_sibling ON push_message (request) WHERE request <> id;
CREATE INDEX push_message_open ON push_message (user_id) WHERE is_open = 1;

ALTER TABLE throttle RENAME TO throttle_before;
CREATE TABLE throttle (
  subject TEXT NOT NULL PRIMARY KEY, hits TEXT NOT NULL, last_hit_at BIGINT NOT NULL, last_hit_hour BIGINT NOT NULL,
  locked_until BIGINT NOT NULL, rev BIGINT NOT NULL
){clustered};
INSERT INTO throttle (subject, hits, last_hit_at, last_hit_hour, locked_until, rev)
  SELECT subject, hits, last_hit_at, last_hit_at - last_hit_at % 3600000, locked_until, rev FROM throttle_before;
DROP TABLE throttle_before;
CREATE INDEX throttle_idle ON throttle (last_hit_hour);

ALTER TABLE audit RENAME TO audit_before;
CREATE TABLE audit (
  id {row_id}, at BIGINT NOT NULL, event TEXT NOT NULL, realm TEXT NOT NULL, transaction_id TEXT NOT NULL,
  user_id TEXT, journey TEXT, node_type TEXT, node_id TEXT, outcome TEXT, detail TEXT, chain_hash TEXT
);
INSERT INTO audit
  (id, at, event, realm, transaction_id, user_id, journey, node_type, node_id, outcome, detail, chain_hash)
  SELECT id, at, event, realm, transaction_id, user_id, journey, node_type, node_id, outcome, detail, chain_hash
  FROM audit_before ORDER BY id;
DROP TABLE audit_before;
CREATE INDEX audit_user ON audit (user_id, id) WHERE user_id IS NOT NULL;
`,
};
