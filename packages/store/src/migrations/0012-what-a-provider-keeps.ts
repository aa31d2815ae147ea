import type { Migration } from './migration.ts';

/**
 * What applications were granted, what waits to be, and the keys that say so. A grant is found by the user, and in a session by
 * user and `sid`: one index for both, since a login writes each. The keys of a realm are few, and one of an algorithm signs.
 */
export const whatAProviderKeeps: Migration = {
  version: 12,
  name: 'what a provider keeps',
  sql: `
CREATE TABLE oauth_grant (
  id TEXT PRIMARY KEY, realm TEXT NOT NULL, client_id TEXT NOT NULL, user_id TEXT NOT NULL, credential_rev BIGINT NOT NULL,
  sid TEXT, scopes TEXT NOT NULL, outlives_session BIGINT NOT NULL, claims TEXT, acr TEXT, amr TEXT NOT NULL,
  auth_time BIGINT NOT NULL, status TEXT NOT NULL, code TEXT, redeemed_at BIGINT, refresh_no BIGINT NOT NULL,
  rotated_at BIGINT NOT NULL, access_no BIGINT NOT NULL, dropped TEXT NOT NULL, jkt TEXT, created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX oauth_grant_session ON oauth_grant (user_id, sid);
CREATE INDEX oauth_grant_expiry ON oauth_grant (expires_at);

CREATE TABLE oauth_parked (
  id_hash TEXT PRIMARY KEY, realm TEXT NOT NULL, client_id TEXT NOT NULL, request {bytes} NOT NULL, is_pushed BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX oauth_parked_client ON oauth_parked (realm, client_id, is_pushed, expires_at);
CREATE INDEX oauth_parked_expiry ON oauth_parked (expires_at);

CREATE TABLE oauth_pending (
  id_hash TEXT PRIMARY KEY, kind TEXT NOT NULL, realm TEXT NOT NULL, client_id TEXT NOT NULL, user_code_digest TEXT NOT NULL,
  scopes TEXT NOT NULL, acr_values TEXT NOT NULL, status TEXT NOT NULL, approved_by TEXT, approved_sid TEXT, approved TEXT,
  outlives_session BIGINT NOT NULL, next_poll_at BIGINT NOT NULL, poll_interval BIGINT NOT NULL, expires_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX oauth_pending_user_code ON oauth_pending (realm, user_code_digest);
CREATE INDEX oauth_pending_client ON oauth_pending (realm, client_id, expires_at);
CREATE INDEX oauth_pending_approved_by ON oauth_pending (approved_by) WHERE approved_by IS NOT NULL;
CREATE INDEX oauth_pending_expiry ON oauth_pending (expires_at);

CREATE TABLE oauth_consent (
  user_id TEXT NOT NULL, client_id TEXT NOT NULL, realm TEXT NOT NULL, scopes TEXT NOT NULL,
  PRIMARY KEY (user_id, client_id)
){clustered};

CREATE TABLE oauth_replay (hash TEXT NOT NULL PRIMARY KEY, expires_at BIGINT NOT NULL){clustered};
CREATE INDEX oauth_replay_expiry ON oauth_replay (expires_at);

CREATE TABLE oauth_key (
  realm TEXT NOT NULL, kid TEXT NOT NULL, algorithm TEXT NOT NULL, status TEXT NOT NULL, private_key {bytes} NOT NULL,
  created_at BIGINT NOT NULL, since BIGINT NOT NULL,
  PRIMARY KEY (realm, kid)
);
CREATE UNIQUE INDEX oauth_key_status ON oauth_key (realm, algorithm, status) WHERE status <> 'retired';
`,
};
