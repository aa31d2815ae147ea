/** The tables of the floor (design.md §4). */
export const SCHEMA = `
PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -16000;
CREATE TABLE identity (
  id TEXT PRIMARY KEY, username TEXT NOT NULL, hash TEXT, credential_rev INT NOT NULL, attributes TEXT NOT NULL, rev INT NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX identity_name ON identity (username);
CREATE TABLE identity_value (
  user_id TEXT NOT NULL, realm TEXT NOT NULL, name TEXT NOT NULL, folded TEXT NOT NULL, PRIMARY KEY (user_id, name, folded)
) WITHOUT ROWID;
CREATE INDEX identity_value_sought ON identity_value (realm, name, folded);
CREATE TABLE device (
  uuid TEXT PRIMARY KEY, user_id TEXT NOT NULL, mechanism_uid TEXT NOT NULL, sealed BLOB NOT NULL, claims TEXT NOT NULL,
  last_access_at INT NOT NULL
) WITHOUT ROWID;
CREATE TABLE recovery_code (
  user_id TEXT NOT NULL, device_type TEXT NOT NULL, selector TEXT NOT NULL, realm TEXT NOT NULL, hash TEXT NOT NULL,
  PRIMARY KEY (user_id, device_type, selector)
) WITHOUT ROWID;
CREATE INDEX device_user ON device (user_id);
CREATE INDEX device_mechanism ON device (mechanism_uid);
CREATE TABLE throttle (
  subject TEXT PRIMARY KEY, hits TEXT NOT NULL, last_hit_hour INT NOT NULL, locked_until INT NOT NULL, rev INT NOT NULL
) WITHOUT ROWID;
CREATE INDEX throttle_idle ON throttle (last_hit_hour);
CREATE TABLE journey_session (
  id TEXT PRIMARY KEY, realm TEXT NOT NULL, tree TEXT NOT NULL, tree_version INT NOT NULL, nonce TEXT NOT NULL,
  expires_at INT NOT NULL, ended INT NOT NULL, state BLOB, last_nonce TEXT, last_digest TEXT, last_at INT
) WITHOUT ROWID;
CREATE INDEX journey_session_expiry ON journey_session (expires_at);
CREATE TABLE push_message (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, request TEXT NOT NULL, realm TEXT NOT NULL, user_id TEXT NOT NULL,
  journey_id TEXT NOT NULL, device_uuid TEXT NOT NULL, sealed BLOB NOT NULL, state TEXT NOT NULL, created_at INT NOT NULL,
  expires_at INT NOT NULL, attempts INT NOT NULL, answered_at INT, answer_hash TEXT, claims BLOB, is_open INT NOT NULL
);
CREATE INDEX push_message_sibling ON push_message (request) WHERE request <> id;
CREATE INDEX push_message_open ON push_message (user_id) WHERE is_open = 1;
CREATE INDEX push_message_expiry ON push_message (expires_at);
CREATE TABLE session (
  token_hash BLOB PRIMARY KEY, handle TEXT NOT NULL, sid TEXT NOT NULL, realm TEXT NOT NULL, user_id TEXT NOT NULL, username TEXT NOT NULL,
  properties TEXT NOT NULL, created_at INT NOT NULL, last_used_at INT NOT NULL, max_expires_at INT NOT NULL,
  max_idle_millis INT NOT NULL, expires_at INT NOT NULL
) WITHOUT ROWID;
CREATE INDEX session_user ON session (user_id);
CREATE INDEX session_expiry ON session (expires_at);
CREATE TABLE audit (
  id INTEGER PRIMARY KEY, at INT NOT NULL, event TEXT NOT NULL, realm TEXT NOT NULL, transaction_id TEXT NOT NULL,
  user_id TEXT, journey TEXT, outcome TEXT, detail TEXT
);
CREATE INDEX audit_user ON audit (user_id, id) WHERE user_id IS NOT NULL;
`;
