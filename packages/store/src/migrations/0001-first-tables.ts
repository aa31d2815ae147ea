import type { Migration } from './migration.ts';

export const firstTables: Migration = {
  version: 1,
  name: 'first tables',
  sql: `
CREATE TABLE data_key (id BIGINT PRIMARY KEY, purpose TEXT NOT NULL, wrapped {bytes} NOT NULL);
CREATE TABLE secret (name TEXT PRIMARY KEY, sealed {bytes} NOT NULL);

CREATE TABLE configuration_version (id BIGINT PRIMARY KEY, version BIGINT NOT NULL);
INSERT INTO configuration_version (id, version) VALUES (1, 0);
CREATE TABLE realm (path TEXT PRIMARY KEY, settings TEXT NOT NULL);
CREATE TABLE tree (
  realm TEXT NOT NULL, name TEXT NOT NULL, version BIGINT NOT NULL, tree TEXT NOT NULL, nodes TEXT NOT NULL,
  PRIMARY KEY (realm, name, version)
);
CREATE TABLE service (
  realm TEXT NOT NULL, type TEXT NOT NULL, config {bytes} NOT NULL,
  PRIMARY KEY (realm, type)
);
CREATE TABLE script (
  realm TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, document TEXT NOT NULL,
  PRIMARY KEY (realm, id)
);
CREATE UNIQUE INDEX script_name ON script (realm, name);

CREATE TABLE identity (
  id TEXT PRIMARY KEY, realm TEXT NOT NULL, username TEXT NOT NULL, folded TEXT NOT NULL, active BIGINT NOT NULL,
  hash TEXT, attributes TEXT NOT NULL, rev BIGINT NOT NULL
);
CREATE UNIQUE INDEX identity_name ON identity (realm, folded);

CREATE TABLE device (
  uuid TEXT PRIMARY KEY, realm TEXT NOT NULL, user_id TEXT NOT NULL, username TEXT NOT NULL,
  device_name TEXT NOT NULL, issuer TEXT NOT NULL, sealed {bytes} NOT NULL, mechanism_uid TEXT NOT NULL,
  device_type TEXT NOT NULL, communication_type TEXT NOT NULL, x_key TEXT, created_at BIGINT NOT NULL,
  last_access_at BIGINT NOT NULL, refresh_hashes TEXT NOT NULL, rev BIGINT NOT NULL
);
CREATE INDEX device_user ON device (user_id);
CREATE INDEX device_mechanism ON device (realm, mechanism_uid);

CREATE TABLE oath_device (
  uuid TEXT PRIMARY KEY, realm TEXT NOT NULL, user_id TEXT NOT NULL, username TEXT NOT NULL,
  device_name TEXT NOT NULL, issuer TEXT NOT NULL, sealed {bytes} NOT NULL, digits BIGINT, counter BIGINT NOT NULL,
  last_login_seconds BIGINT NOT NULL, clock_drift_seconds BIGINT NOT NULL, checksum_digit BIGINT NOT NULL,
  truncation_offset BIGINT NOT NULL, created_at BIGINT NOT NULL, last_access_at BIGINT NOT NULL, rev BIGINT NOT NULL
);
CREATE INDEX oath_device_user ON oath_device (user_id);

CREATE TABLE recovery_code (
  id TEXT PRIMARY KEY, realm TEXT NOT NULL, user_id TEXT NOT NULL, device_type TEXT NOT NULL, selector TEXT NOT NULL,
  hash TEXT NOT NULL
);
CREATE INDEX recovery_code_user ON recovery_code (user_id, device_type, selector);

CREATE TABLE journey_session (
  id TEXT PRIMARY KEY, realm TEXT NOT NULL, tree TEXT NOT NULL, tree_version BIGINT NOT NULL, nonce TEXT NOT NULL,
  expires_at BIGINT NOT NULL, ended BIGINT NOT NULL, state {bytes}, last_nonce TEXT, last_digest TEXT, last_at BIGINT
);
CREATE INDEX journey_session_expiry ON journey_session (expires_at);

CREATE TABLE push_message (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, request TEXT NOT NULL, position BIGINT NOT NULL, realm TEXT NOT NULL,
  user_id TEXT NOT NULL, username TEXT NOT NULL, journey_id TEXT NOT NULL, device_uuid TEXT NOT NULL,
  mechanism_uid TEXT NOT NULL, sealed {bytes} NOT NULL, push_type TEXT NOT NULL, state TEXT NOT NULL,
  created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, attempts BIGINT NOT NULL, answered_at BIGINT,
  answer_hash TEXT, claims {bytes}, reason TEXT, delivery TEXT NOT NULL
);
CREATE INDEX push_message_request ON push_message (request);
CREATE INDEX push_message_journey ON push_message (journey_id);
CREATE INDEX push_message_user ON push_message (user_id);
CREATE INDEX push_message_ringing ON push_message (user_id) WHERE kind = 'AUTHENTICATE' AND state = 'pending';
CREATE INDEX push_message_device ON push_message (device_uuid) WHERE state = 'pending';
CREATE INDEX push_message_unsent ON push_message (created_at) WHERE state = 'pending' AND delivery = 'queued';
CREATE INDEX push_message_expiry ON push_message (expires_at);

CREATE TABLE session (
  token_hash TEXT PRIMARY KEY, handle TEXT NOT NULL, realm TEXT NOT NULL, user_id TEXT NOT NULL, username TEXT NOT NULL,
  properties TEXT NOT NULL, created_at BIGINT NOT NULL, last_used_at BIGINT NOT NULL, max_expires_at BIGINT NOT NULL,
  max_idle_millis BIGINT NOT NULL, expires_at BIGINT NOT NULL
);
CREATE INDEX session_user ON session (user_id);
CREATE INDEX session_expiry ON session (expires_at);

CREATE TABLE throttle (
  subject TEXT PRIMARY KEY, hits TEXT NOT NULL, last_hit_at BIGINT NOT NULL, locked_until BIGINT NOT NULL,
  rev BIGINT NOT NULL
);
CREATE INDEX throttle_idle ON throttle (last_hit_at);

CREATE TABLE audit (
  id {auto_id}, at BIGINT NOT NULL, event TEXT NOT NULL, realm TEXT NOT NULL, transaction_id TEXT NOT NULL,
  user_id TEXT, journey TEXT, node_type TEXT, node_id TEXT, outcome TEXT, detail TEXT, chain_hash TEXT
);
CREATE INDEX audit_user ON audit (user_id, id);
`,
};
