/** The version that a new database begins with; what comes later is written once for every database (OPS-17). */
export const BASELINE_VERSION = 17;

/**
 * Tables whose rows are changed often: room in each page lets a row be changed where it lies, and a fiftieth of dead rows
 * is reason enough to clean up.
 */
const BUSY = 'WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02)';

/**
 * What migrations 1 to 17 have made of a SQLite database, as PostgreSQL has it. The trail goes by ids of ours, and an index
 * finds what concerns a user (OPS-16). A test compares tables and columns.
 */
export const BASELINE = `
CREATE TABLE data_key (id BIGINT PRIMARY KEY, purpose TEXT NOT NULL, wrapped BYTEA NOT NULL);
CREATE TABLE secret (name TEXT PRIMARY KEY, sealed BYTEA NOT NULL);

CREATE TABLE configuration_version (id BIGINT PRIMARY KEY, version BIGINT NOT NULL);
INSERT INTO configuration_version (id, version) VALUES (1, 0);
CREATE TABLE realm (path TEXT PRIMARY KEY, settings TEXT NOT NULL);
CREATE TABLE tree (
  realm TEXT NOT NULL, name TEXT NOT NULL, version BIGINT NOT NULL, tree TEXT NOT NULL, nodes BYTEA NOT NULL,
  retired_at BIGINT,
  PRIMARY KEY (realm, name, version)
);
CREATE UNIQUE INDEX tree_in_force ON tree (realm, name) WHERE retired_at IS NULL;
CREATE INDEX tree_retired ON tree (retired_at) WHERE retired_at IS NOT NULL;
CREATE TABLE node (
  realm TEXT NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL, config BYTEA NOT NULL,
  PRIMARY KEY (realm, id)
);
CREATE TABLE service (
  realm TEXT NOT NULL, type TEXT NOT NULL, config BYTEA NOT NULL,
  PRIMARY KEY (realm, type)
);
CREATE TABLE script (
  realm TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, document TEXT NOT NULL,
  PRIMARY KEY (realm, id)
);
CREATE UNIQUE INDEX script_name ON script (realm, name);
CREATE TABLE oauth_client (
  realm TEXT NOT NULL, id TEXT NOT NULL, document BYTEA NOT NULL, secret_digest TEXT,
  PRIMARY KEY (realm, id)
);

CREATE TABLE identity (
  id TEXT PRIMARY KEY, realm TEXT NOT NULL, username TEXT NOT NULL, folded TEXT NOT NULL, active BIGINT NOT NULL,
  hash TEXT, attributes TEXT NOT NULL, rev BIGINT NOT NULL, indexed BIGINT NOT NULL DEFAULT 0,
  credential_rev BIGINT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX identity_name ON identity (realm, folded);
CREATE TABLE identity_value (
  user_id TEXT NOT NULL, realm TEXT NOT NULL, name TEXT NOT NULL, folded TEXT NOT NULL,
  PRIMARY KEY (user_id, name, folded)
);
CREATE INDEX identity_value_sought ON identity_value (realm, name, folded);

CREATE TABLE device (
  uuid TEXT PRIMARY KEY, realm TEXT NOT NULL, user_id TEXT NOT NULL, username TEXT NOT NULL,
  device_name TEXT NOT NULL, issuer TEXT NOT NULL, sealed BYTEA NOT NULL, mechanism_uid TEXT NOT NULL,
  device_type TEXT NOT NULL, communication_type TEXT NOT NULL, x_key TEXT, created_at BIGINT NOT NULL,
  last_access_at BIGINT NOT NULL, refresh_hashes TEXT NOT NULL, rev BIGINT NOT NULL, pending_journey TEXT,
  pending_until BIGINT
);
CREATE INDEX device_owner ON device (user_id);
CREATE INDEX device_mechanism ON device (realm, mechanism_uid);
CREATE INDEX device_pending_journey ON device (pending_journey) WHERE pending_journey IS NOT NULL;
CREATE INDEX device_pending_until ON device (pending_until) WHERE pending_until IS NOT NULL;

CREATE TABLE oath_device (
  uuid TEXT PRIMARY KEY, realm TEXT NOT NULL, user_id TEXT NOT NULL, username TEXT NOT NULL,
  device_name TEXT NOT NULL, issuer TEXT NOT NULL, sealed BYTEA NOT NULL, digits BIGINT, counter BIGINT NOT NULL,
  last_login_seconds BIGINT NOT NULL, clock_drift_seconds BIGINT NOT NULL, checksum_digit BIGINT NOT NULL,
  truncation_offset BIGINT NOT NULL, created_at BIGINT NOT NULL, last_access_at BIGINT NOT NULL, rev BIGINT NOT NULL
);
CREATE INDEX oath_device_owner ON oath_device (user_id);

CREATE TABLE recovery_code (
  id TEXT PRIMARY KEY, realm TEXT NOT NULL, user_id TEXT NOT NULL, device_type TEXT NOT NULL, selector TEXT NOT NULL,
  hash TEXT NOT NULL
);
CREATE INDEX recovery_code_owner ON recovery_code (user_id, device_type, selector);

CREATE TABLE journey_session (
  id TEXT PRIMARY KEY, realm TEXT NOT NULL, tree TEXT NOT NULL, tree_version BIGINT NOT NULL, nonce TEXT NOT NULL,
  expires_at BIGINT NOT NULL, ended BIGINT NOT NULL, state BYTEA, last_nonce TEXT, last_code TEXT, last_at BIGINT
) ${BUSY};
CREATE INDEX journey_session_expiry ON journey_session (expires_at);

CREATE TABLE push_message (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, request TEXT NOT NULL, position BIGINT NOT NULL, realm TEXT NOT NULL,
  user_id TEXT NOT NULL, username TEXT NOT NULL, journey_id TEXT NOT NULL, device_uuid TEXT NOT NULL,
  mechanism_uid TEXT NOT NULL, sealed BYTEA NOT NULL, push_type TEXT NOT NULL, state TEXT NOT NULL,
  created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, attempts BIGINT NOT NULL, answered_at BIGINT,
  answer_hash TEXT, claims BYTEA, reason TEXT, delivery TEXT NOT NULL, is_open BIGINT NOT NULL DEFAULT 0
) ${BUSY};
CREATE INDEX push_message_journey ON push_message (journey_id);
CREATE INDEX push_message_sibling ON push_message (request) WHERE request <> id;
CREATE INDEX push_message_open ON push_message (user_id) WHERE is_open = 1;
CREATE INDEX push_message_unsent ON push_message (created_at) WHERE state = 'pending' AND delivery = 'queued';
CREATE INDEX push_message_expiry ON push_message (expires_at);

CREATE TABLE session (
  token_hash TEXT PRIMARY KEY, handle TEXT NOT NULL, realm TEXT NOT NULL, user_id TEXT NOT NULL, username TEXT NOT NULL,
  properties TEXT NOT NULL, created_at BIGINT NOT NULL, last_used_at BIGINT NOT NULL, max_expires_at BIGINT NOT NULL,
  max_idle_millis BIGINT NOT NULL, expires_at BIGINT NOT NULL, sid TEXT NOT NULL DEFAULT ''
);
CREATE INDEX session_owner ON session (user_id);
CREATE INDEX session_expiry ON session (expires_at);

CREATE TABLE throttle (
  subject TEXT PRIMARY KEY, hits TEXT NOT NULL, last_hit_at BIGINT NOT NULL, last_hit_hour BIGINT NOT NULL,
  locked_until BIGINT NOT NULL, rev BIGINT NOT NULL
) ${BUSY};
CREATE INDEX throttle_idle ON throttle (last_hit_hour);

CREATE TABLE back_channel (
  id_hash TEXT PRIMARY KEY, realm TEXT NOT NULL, tree TEXT NOT NULL, opened_by TEXT NOT NULL, expires_at BIGINT NOT NULL,
  allow_retry BIGINT NOT NULL, subject TEXT, status TEXT NOT NULL, data BYTEA NOT NULL, notice BYTEA, properties BYTEA
);
CREATE INDEX back_channel_expires ON back_channel (expires_at);
CREATE INDEX back_channel_subject ON back_channel (subject) WHERE subject IS NOT NULL;
CREATE INDEX back_channel_realm ON back_channel (realm);

CREATE TABLE oauth_grant (
  id TEXT PRIMARY KEY, realm TEXT NOT NULL, client_id TEXT NOT NULL, user_id TEXT NOT NULL, credential_rev BIGINT NOT NULL,
  sid TEXT, scopes TEXT NOT NULL, outlives_session BIGINT NOT NULL, claims TEXT, acr TEXT, amr TEXT NOT NULL,
  auth_time BIGINT NOT NULL, status TEXT NOT NULL, code TEXT, redeemed_at BIGINT, refresh_no BIGINT NOT NULL,
  rotated_at BIGINT NOT NULL, access_no BIGINT NOT NULL, dropped TEXT NOT NULL, jkt TEXT, created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL, wants_logout_notice BIGINT NOT NULL DEFAULT 0, kept_until BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX oauth_grant_session ON oauth_grant (user_id, sid);
CREATE INDEX oauth_grant_kept ON oauth_grant (kept_until);

CREATE TABLE oauth_parked (
  id_hash TEXT PRIMARY KEY, realm TEXT NOT NULL, client_id TEXT NOT NULL, request BYTEA NOT NULL, expires_at BIGINT NOT NULL,
  source TEXT, created_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX oauth_parked_client ON oauth_parked (realm, client_id, source, expires_at);
CREATE INDEX oauth_parked_expiry ON oauth_parked (expires_at);

CREATE TABLE oauth_pending (
  id_hash TEXT PRIMARY KEY, kind TEXT NOT NULL, realm TEXT NOT NULL, client_id TEXT NOT NULL, user_code_digest TEXT NOT NULL,
  scopes TEXT NOT NULL, acr_values TEXT NOT NULL, status TEXT NOT NULL, approved_by TEXT, approved_sid TEXT, approved TEXT,
  next_poll_at BIGINT NOT NULL, poll_interval BIGINT NOT NULL, expires_at BIGINT NOT NULL, source TEXT,
  created_at BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX oauth_pending_user_code ON oauth_pending (realm, user_code_digest);
CREATE INDEX oauth_pending_client ON oauth_pending (realm, client_id, expires_at);
CREATE INDEX oauth_pending_approved_by ON oauth_pending (approved_by) WHERE approved_by IS NOT NULL;
CREATE INDEX oauth_pending_expiry ON oauth_pending (expires_at);

CREATE TABLE oauth_consent (
  user_id TEXT NOT NULL, client_id TEXT NOT NULL, realm TEXT NOT NULL, scopes TEXT NOT NULL,
  PRIMARY KEY (user_id, client_id)
);
CREATE TABLE oauth_replay (hash TEXT PRIMARY KEY, expires_at BIGINT NOT NULL, owner TEXT NOT NULL DEFAULT '');
CREATE INDEX oauth_replay_expiry ON oauth_replay (expires_at);
CREATE INDEX oauth_replay_owner ON oauth_replay (owner, expires_at);
CREATE TABLE oauth_key (
  realm TEXT NOT NULL, kid TEXT NOT NULL, algorithm TEXT NOT NULL, status TEXT NOT NULL, private_key BYTEA NOT NULL,
  created_at BIGINT NOT NULL, since BIGINT NOT NULL,
  PRIMARY KEY (realm, kid)
);
CREATE UNIQUE INDEX oauth_key_status ON oauth_key (realm, algorithm, status) WHERE status <> 'retired';

CREATE TABLE outbox (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, realm TEXT NOT NULL, recipient TEXT NOT NULL, payload BYTEA NOT NULL,
  tries BIGINT NOT NULL, first_tried_at BIGINT NOT NULL, next_try_at BIGINT NOT NULL
);
CREATE INDEX outbox_due ON outbox (next_try_at);
CREATE INDEX outbox_recipient ON outbox (realm, kind, recipient);

CREATE TABLE audit (
  id UUID PRIMARY KEY, at BIGINT NOT NULL, event TEXT NOT NULL, realm TEXT NOT NULL, transaction_id TEXT NOT NULL,
  user_id TEXT, journey TEXT, node_type TEXT, node_id TEXT, outcome TEXT, detail TEXT, chain_hash TEXT
);
CREATE INDEX audit_of_user ON audit (user_id, id) WHERE user_id IS NOT NULL;

-- What is sealed does not get smaller by compression, which would only be tried.
ALTER TABLE journey_session ALTER COLUMN state SET STORAGE EXTERNAL;
ALTER TABLE push_message ALTER COLUMN sealed SET STORAGE EXTERNAL;
ALTER TABLE push_message ALTER COLUMN claims SET STORAGE EXTERNAL;
ALTER TABLE device ALTER COLUMN sealed SET STORAGE EXTERNAL;
ALTER TABLE oath_device ALTER COLUMN sealed SET STORAGE EXTERNAL;
ALTER TABLE outbox ALTER COLUMN payload SET STORAGE EXTERNAL;
ALTER TABLE oauth_parked ALTER COLUMN request SET STORAGE EXTERNAL;
`;
