import type { Migration } from './migration.ts';

/**
 * The schema of the first release (ADR 140). Like every later migration it is one text for SQLite and PostgreSQL, and is never edited after the
 * release: a changed text has another checksum, and databases made with the old one refuse to start.
 */
export const baseline: Migration = {
  version: 1,
  name: 'baseline',
  sql: `
-- Keys. status, since and good_until say which key of a kind is used for new records, and how long older ones stay valid (SEC-75, SEC-76).
-- master_id names the master key that wraps a data key, former_master_id the one before it.
CREATE TABLE data_key (
  id BIGINT PRIMARY KEY, purpose TEXT NOT NULL, wrapped {bytes} NOT NULL, status TEXT, created_at BIGINT, since BIGINT,
  master_id TEXT, former_master_id TEXT, wrapped_at BIGINT
);
CREATE TABLE secret (
  name TEXT PRIMARY KEY, sealed {bytes} NOT NULL, status TEXT, created_at BIGINT, since BIGINT, good_until BIGINT,
  good_for BIGINT
);

-- Configuration. Every instance polls this row: version counts changes, keys_version counts key changes, epoch counts restores (OPS-61,
-- REL-26), and home says where this copy of the database belongs.
CREATE TABLE configuration_version (
  id BIGINT PRIMARY KEY, version BIGINT NOT NULL, epoch BIGINT NOT NULL DEFAULT 0, home TEXT,
  keys_version BIGINT NOT NULL DEFAULT 0
);
INSERT INTO configuration_version (id, version) VALUES (1, 0);
-- The rows that each recent configuration change has written, so that an instance reads only those again.
CREATE TABLE configuration_change (version BIGINT PRIMARY KEY, touched TEXT NOT NULL);
CREATE TABLE realm (path TEXT PRIMARY KEY, settings TEXT NOT NULL);
-- Deleted realms that still have rows. The sweep has looked through their journeys up to journeys_until.
CREATE TABLE leaving_realm (path TEXT NOT NULL PRIMARY KEY, journeys_until TEXT NOT NULL DEFAULT '');
-- Nodes are sealed because their settings hold secrets. retired_at is NULL for the version in force.
CREATE TABLE tree (
  realm TEXT NOT NULL, name TEXT NOT NULL, version BIGINT NOT NULL, tree TEXT NOT NULL, nodes {bytes} NOT NULL,
  retired_at BIGINT,
  PRIMARY KEY (realm, name, version)
);
CREATE UNIQUE INDEX tree_in_force ON tree (realm, name) WHERE retired_at IS NULL;
CREATE INDEX tree_retired ON tree (retired_at) WHERE retired_at IS NOT NULL;
-- Unused, and always empty.
{in_sqlite}CREATE TABLE tree_unsealed (realm TEXT NOT NULL, name TEXT NOT NULL, version BIGINT NOT NULL, tree TEXT NOT NULL, nodes TEXT NOT NULL, PRIMARY KEY (realm, name, version));
CREATE TABLE node (
  realm TEXT NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL, config {bytes} NOT NULL,
  PRIMARY KEY (realm, id)
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
-- The document is sealed. Of the client secret only a digest is stored (OIDC-14).
CREATE TABLE oauth_client (
  realm TEXT NOT NULL, id TEXT NOT NULL, document {bytes} NOT NULL, secret_digest TEXT,
  PRIMARY KEY (realm, id)
);
-- Configuration changes that wait for approval by a second administrator (ADR 118).
CREATE TABLE proposal (
  id TEXT NOT NULL PRIMARY KEY, realm TEXT NOT NULL, proposer TEXT NOT NULL, document {bytes} NOT NULL,
  created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, size BIGINT NOT NULL
);
CREATE INDEX proposal_realm ON proposal (realm, created_at);
CREATE INDEX proposal_proposer ON proposal (proposer);
CREATE INDEX proposal_expiry ON proposal (expires_at);
-- FIDO metadata, one edition per source and realm: all instances use the same edition, and none returns to an older one.
CREATE TABLE authenticator_metadata (
  realm TEXT NOT NULL, place BIGINT NOT NULL, source TEXT NOT NULL, edition BIGINT NOT NULL, next_update BIGINT NOT NULL,
  read_at BIGINT NOT NULL, models TEXT NOT NULL,
  PRIMARY KEY (realm, place)
);

-- Users. credential_rev counts credential changes: a journey or session that began under an older one is invalid. entry_id and entry_mark
-- belong to users of an LDAP directory: the entry, and the state of its credentials when the directory was last read.
CREATE TABLE identity (
  id TEXT PRIMARY KEY, realm TEXT NOT NULL, username TEXT NOT NULL, folded TEXT{by_bytes} NOT NULL,
  active BIGINT NOT NULL, hash TEXT, attributes TEXT NOT NULL, rev BIGINT NOT NULL, indexed BIGINT NOT NULL DEFAULT 0,
  credential_rev BIGINT NOT NULL DEFAULT 1, entry_id TEXT, entry_mark TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX identity_name ON identity (realm, folded);
CREATE UNIQUE INDEX identity_entry ON identity (realm, entry_id);
CREATE INDEX identity_unindexed ON identity (id) WHERE indexed = 0;
-- Attribute values that find users, case-folded. A prefix is a range of the index because values sort by bytes (OPS-24).
CREATE TABLE identity_value (
  user_id TEXT NOT NULL, realm TEXT NOT NULL, name TEXT NOT NULL, folded TEXT{by_bytes} NOT NULL,
  PRIMARY KEY (user_id, name, folded)
);
CREATE INDEX identity_value_page ON identity_value (realm, name, folded, user_id);
-- The attributes that a realm indexes. names is the list that was read last, and user_index_name has a row for each: a search uses an
-- attribute once is_ready is set, after all users from work_from to place have been indexed. A realm without a row indexes every attribute.
CREATE TABLE user_index (
  realm TEXT NOT NULL PRIMARY KEY, names TEXT NOT NULL, work_from BIGINT, place TEXT NOT NULL DEFAULT ''
);
CREATE TABLE user_index_name (
  realm TEXT NOT NULL, name TEXT NOT NULL, is_ready BIGINT NOT NULL, PRIMARY KEY (realm, name)
);
-- Ids of erased users. A restored backup may still have these users, and they are erased again (ADR 108).
CREATE TABLE erasure (user_id TEXT NOT NULL PRIMARY KEY, realm TEXT NOT NULL, at BIGINT NOT NULL);

-- Devices. pending_journey and pending_until are set while a push device is unproven. channel_dead_at is set when the push provider
-- reports the token as invalid (OPS-49).
CREATE TABLE device (
  uuid TEXT PRIMARY KEY, realm TEXT NOT NULL, user_id TEXT NOT NULL, username TEXT NOT NULL,
  device_name TEXT NOT NULL, issuer TEXT NOT NULL, sealed {bytes} NOT NULL, mechanism_uid TEXT NOT NULL,
  device_type TEXT NOT NULL, communication_type TEXT NOT NULL, x_key TEXT, created_at BIGINT NOT NULL,
  last_access_at BIGINT NOT NULL, refresh_hashes TEXT NOT NULL, rev BIGINT NOT NULL, pending_journey TEXT,
  pending_until BIGINT, channel_dead_at BIGINT
);
CREATE INDEX device_{owner} ON device (user_id);
CREATE INDEX device_mechanism ON device (realm, mechanism_uid);
CREATE INDEX device_pending_journey ON device (pending_journey) WHERE pending_journey IS NOT NULL;
CREATE INDEX device_pending_until ON device (pending_until) WHERE pending_until IS NOT NULL;
CREATE INDEX device_unreachable ON device (realm) WHERE channel_dead_at IS NOT NULL;
CREATE TABLE oath_device (
  uuid TEXT PRIMARY KEY, realm TEXT NOT NULL, user_id TEXT NOT NULL, username TEXT NOT NULL,
  device_name TEXT NOT NULL, issuer TEXT NOT NULL, sealed {bytes} NOT NULL, digits BIGINT, counter BIGINT NOT NULL,
  last_login_seconds BIGINT NOT NULL, clock_drift_seconds BIGINT NOT NULL, checksum_digit BIGINT NOT NULL,
  truncation_offset BIGINT NOT NULL, created_at BIGINT NOT NULL, last_access_at BIGINT NOT NULL, rev BIGINT NOT NULL
);
CREATE INDEX oath_device_{owner} ON oath_device (user_id);
-- A passkey has one owner in a realm. Columns that an imported passkey did not bring are NULL.
CREATE TABLE passkey (
  uuid TEXT NOT NULL PRIMARY KEY, realm TEXT NOT NULL, user_id TEXT NOT NULL, username TEXT NOT NULL,
  device_name TEXT NOT NULL, credential_id TEXT NOT NULL, user_handle TEXT NOT NULL, public_key TEXT NOT NULL,
  algorithm BIGINT NOT NULL, sign_count BIGINT NOT NULL, user_verified BIGINT NOT NULL, backup_eligible BIGINT,
  backed_up BIGINT NOT NULL, aaguid TEXT NOT NULL, transports TEXT NOT NULL, attachment TEXT, attestation TEXT NOT NULL,
  rp_id TEXT, created_at BIGINT NOT NULL, last_access_at BIGINT NOT NULL, counter_mismatch_at BIGINT, rev BIGINT NOT NULL
);
CREATE UNIQUE INDEX passkey_credential ON passkey (realm, credential_id);
CREATE INDEX passkey_owner ON passkey (user_id);
CREATE INDEX passkey_relying_party ON passkey (realm, rp_id);
-- The kid of a bound device comes first in the primary key because a commit finds the owner by it before it knows the realm.
CREATE TABLE bound_device (
  uuid TEXT NOT NULL, realm TEXT NOT NULL, user_id TEXT NOT NULL, username TEXT NOT NULL, device_name TEXT NOT NULL,
  device_id TEXT NOT NULL, jwk TEXT NOT NULL, application_id TEXT NOT NULL, authentication_type TEXT NOT NULL,
  attested BIGINT NOT NULL, created_at BIGINT NOT NULL, last_access_at BIGINT NOT NULL, rev BIGINT NOT NULL,
  PRIMARY KEY (uuid, realm)
);
CREATE INDEX bound_device_owner ON bound_device (user_id);
CREATE TABLE recovery_code (
  id TEXT PRIMARY KEY, realm TEXT NOT NULL, user_id TEXT NOT NULL, device_type TEXT NOT NULL, selector TEXT NOT NULL,
  hash TEXT NOT NULL
);
CREATE INDEX recovery_code_{owner} ON recovery_code (user_id, device_type, selector);

-- Logins. last_code identifies a retry of the last submit: a code by a sealed key, since a digest would allow guessing of passwords (SEC-55).
CREATE TABLE journey_session (
  id TEXT PRIMARY KEY, realm TEXT NOT NULL, tree TEXT NOT NULL, tree_version BIGINT NOT NULL, nonce TEXT NOT NULL,
  expires_at BIGINT NOT NULL, ended BIGINT NOT NULL, state {bytes}, last_nonce TEXT, last_code TEXT, last_at BIGINT
){busy};
CREATE INDEX journey_session_expiry ON journey_session (expires_at);
-- Push messages. The first message of a request has the id of the request, so push_message_sibling holds only the others. is_open is set
-- while a message is pending or answered and not consumed: an answer leaves it and its index unchanged. The claim columns say which
-- instance sends a message, trace says what has happened to it (OPS-50), and communication_type how the phone was reached (OPS-43).
CREATE TABLE push_message (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, request TEXT NOT NULL, position BIGINT NOT NULL, realm TEXT NOT NULL,
  user_id TEXT NOT NULL, username TEXT NOT NULL, journey_id TEXT NOT NULL, device_uuid TEXT NOT NULL,
  mechanism_uid TEXT NOT NULL, sealed {bytes} NOT NULL, push_type TEXT NOT NULL, state TEXT NOT NULL,
  created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, attempts BIGINT NOT NULL, answered_at BIGINT,
  answer_hash TEXT, claims {bytes}, reason TEXT, delivery TEXT NOT NULL, is_open BIGINT NOT NULL DEFAULT 0,
  claim_by TEXT, claim_until BIGINT NOT NULL DEFAULT 0, tries BIGINT NOT NULL DEFAULT 0,
  next_try_at BIGINT NOT NULL DEFAULT 0, trace TEXT NOT NULL DEFAULT '', communication_type TEXT NOT NULL DEFAULT ''
){busy};
CREATE INDEX push_message_journey ON push_message (journey_id);
CREATE INDEX push_message_sibling ON push_message (request) WHERE request <> id;
CREATE INDEX push_message_open ON push_message (user_id) WHERE is_open = 1;
CREATE INDEX push_message_unsent ON push_message (created_at) WHERE state = 'pending' AND delivery = 'queued';
CREATE INDEX push_message_expiry ON push_message (expires_at);
-- Sessions. OAuth clients know a session by sid, which outlives its token. strength is how much was proven (ADR 141); an index alone counts the
-- sessions of a user by it. The longest column is the last, so that SQLite reads the others without it.
CREATE TABLE session (
  token_hash TEXT PRIMARY KEY, handle TEXT NOT NULL, realm TEXT NOT NULL, user_id TEXT NOT NULL, username TEXT NOT NULL,
  created_at BIGINT NOT NULL, last_used_at BIGINT NOT NULL, max_expires_at BIGINT NOT NULL,
  max_idle_millis BIGINT NOT NULL, expires_at BIGINT NOT NULL, sid TEXT NOT NULL,
  has_webhooks BIGINT NOT NULL, strength BIGINT NOT NULL, properties TEXT NOT NULL
);
CREATE INDEX session_of_user ON session (user_id, sid, strength);
CREATE INDEX session_told ON session (user_id) WHERE has_webhooks = 1;
CREATE INDEX session_expiry ON session (expires_at);
CREATE INDEX session_webhooks ON session (expires_at) WHERE has_webhooks = 1;
-- Counted guesses, stored under a digest of their subject (SEC-46). last_hit_hour is the hour of the newest hit, so that its index is
-- written once an hour. failures counts wrong proofs in a row against one version of the credential (SEC-57, ADR 110).
CREATE TABLE throttle (
  subject TEXT{by_bytes} NOT NULL PRIMARY KEY, hits TEXT NOT NULL, last_hit_at BIGINT NOT NULL,
  last_hit_hour BIGINT NOT NULL, locked_until BIGINT NOT NULL, rev BIGINT NOT NULL, failures BIGINT NOT NULL DEFAULT 0,
  credential BIGINT NOT NULL DEFAULT 0
){clustered}{busy};
CREATE INDEX throttle_idle ON throttle (last_hit_hour);
-- Back channels. The record is sealed, and the id is stored as a hash.
CREATE TABLE back_channel (
  id_hash TEXT PRIMARY KEY, realm TEXT NOT NULL, tree TEXT NOT NULL, opened_by TEXT NOT NULL, expires_at BIGINT NOT NULL,
  allow_retry BIGINT NOT NULL, subject TEXT, status TEXT NOT NULL, data {bytes} NOT NULL, notice {bytes}, properties {bytes}
);
CREATE INDEX back_channel_expires ON back_channel (expires_at);
CREATE INDEX back_channel_subject ON back_channel (subject) WHERE subject IS NOT NULL;
CREATE INDEX back_channel_realm ON back_channel (realm);

-- OAuth. One index finds a grant by its user and by user and session, and another one counts those of a user by strength (ADR 141). kept_until
-- is later than expires_at where the client is to be told about the end of the session. The long columns are the last.
CREATE TABLE oauth_grant (
  id TEXT PRIMARY KEY, realm TEXT NOT NULL, client_id TEXT NOT NULL, user_id TEXT NOT NULL, credential_rev BIGINT NOT NULL,
  sid TEXT, strength BIGINT NOT NULL, outlives_session BIGINT NOT NULL, acr TEXT, auth_time BIGINT NOT NULL,
  status TEXT NOT NULL, redeemed_at BIGINT, refresh_no BIGINT NOT NULL, rotated_at BIGINT NOT NULL,
  access_no BIGINT NOT NULL, jkt TEXT, created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL,
  wants_logout_notice BIGINT NOT NULL, kept_until BIGINT NOT NULL, amr TEXT NOT NULL, dropped TEXT NOT NULL, code TEXT,
  claims TEXT, scopes TEXT NOT NULL
);
CREATE INDEX oauth_grant_session ON oauth_grant (user_id, sid);
CREATE INDEX oauth_grant_strength ON oauth_grant (user_id, strength);
CREATE INDEX oauth_grant_kept ON oauth_grant (kept_until);
-- Requests that wait for a login are counted by source, unless the client has authenticated: a public client can push requests too.
CREATE TABLE oauth_parked (
  id_hash TEXT PRIMARY KEY, realm TEXT NOT NULL, client_id TEXT NOT NULL, request {bytes} NOT NULL,
  expires_at BIGINT NOT NULL, source TEXT, created_at BIGINT NOT NULL DEFAULT 0
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
  user_id TEXT NOT NULL, client_id TEXT NOT NULL, realm TEXT NOT NULL, scopes TEXT NOT NULL, agreed_at BIGINT,
  PRIMARY KEY (user_id, client_id)
){clustered};
CREATE TABLE oauth_replay (
  hash TEXT NOT NULL PRIMARY KEY, expires_at BIGINT NOT NULL, owner TEXT NOT NULL DEFAULT ''
){clustered};
CREATE INDEX oauth_replay_expiry ON oauth_replay (expires_at);
CREATE INDEX oauth_replay_owner ON oauth_replay (owner, expires_at);
-- One key of an algorithm signs in a realm.
CREATE TABLE oauth_key (
  realm TEXT NOT NULL, kid TEXT NOT NULL, algorithm TEXT NOT NULL, status TEXT NOT NULL, private_key {bytes} NOT NULL,
  created_at BIGINT NOT NULL, since BIGINT NOT NULL,
  PRIMARY KEY (realm, kid)
);
CREATE UNIQUE INDEX oauth_key_status ON oauth_key (realm, algorithm, status) WHERE status <> 'retired';

-- Messages to send after a commit. A reader steps by outbox_turn from one recipient to the next (OPS-44). A message that could not be sent
-- stays for a while with its cause, from dead_at on.
CREATE TABLE outbox (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, realm TEXT NOT NULL, recipient TEXT NOT NULL, payload {bytes} NOT NULL,
  tries BIGINT NOT NULL, first_tried_at BIGINT NOT NULL, next_try_at BIGINT NOT NULL, user_id TEXT, cause TEXT,
  dead_at BIGINT
);
CREATE INDEX outbox_turn ON outbox (realm, kind, recipient, dead_at, next_try_at, id);
CREATE INDEX outbox_dead ON outbox (dead_at) WHERE dead_at IS NOT NULL;
CREATE INDEX outbox_user ON outbox (user_id) WHERE user_id IS NOT NULL;

-- Audit log. position is the order in which rows are streamed (OPS-58, ADR 96): the id itself in SQLite, and assigned after the commit in
-- PostgreSQL, which finds rows without a position by audit_unplaced. detail is canonical JSON, and salt is random (SEC-80, ADR 107): the digest
-- of a row is made from the hash of both, which is written to detail_hash when they are erased.
CREATE TABLE audit (
  id {audit_id} PRIMARY KEY, at BIGINT NOT NULL, event TEXT NOT NULL, realm TEXT NOT NULL, transaction_id TEXT NOT NULL,
  user_id TEXT, journey TEXT, node_type TEXT, node_id TEXT, outcome TEXT, detail TEXT, position BIGINT, salt TEXT, detail_hash TEXT
);
-- The sign-ins that made a place known. A stranger can add rows to the audit log of a user, but none to these indexes.
CREATE INDEX audit_known_by_factor ON audit (user_id, at)
  WHERE event = 'JOURNEY_END' AND detail LIKE '%"knownBy":"factor"%';
CREATE INDEX audit_known_by_password ON audit (user_id, at)
  WHERE event = 'JOURNEY_END' AND detail LIKE '%"knownBy":"password"%';
CREATE TABLE audit_sent (id BIGINT PRIMARY KEY, position BIGINT NOT NULL);
-- One row for each batch of rows that was sealed: their positions, the hash before them, the hash of the last one, and the digest of each.
CREATE TABLE audit_seal (
  first BIGINT PRIMARY KEY, last BIGINT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL, digests TEXT NOT NULL
);
-- How far the audit log is sealed, and where it begins.
CREATE TABLE audit_sealed (
  id BIGINT PRIMARY KEY, position BIGINT NOT NULL, hash TEXT NOT NULL, count BIGINT NOT NULL,
  begins BIGINT NOT NULL, begins_hash TEXT NOT NULL, checkpoint BIGINT NOT NULL, checkpoint_at BIGINT NOT NULL
);
-- PostgreSQL finds the rows of a user by an index. In SQLite such an index would add five pages to each login, so users are listed in a
-- table of their own in batches, up to the id in audit_listed (ADR 33).
{in_postgres}CREATE INDEX audit_of_user ON audit (user_id, id) WHERE user_id IS NOT NULL;
{in_postgres}CREATE INDEX audit_unplaced ON audit (id) WHERE position IS NULL;
{in_postgres}CREATE INDEX audit_placed ON audit (position) WHERE position IS NOT NULL;
{in_sqlite}CREATE TABLE audit_of_user (user_id TEXT NOT NULL, id BIGINT NOT NULL, PRIMARY KEY (user_id, id)){clustered};
{in_sqlite}CREATE TABLE audit_listed (id BIGINT PRIMARY KEY, until BIGINT NOT NULL);
{in_sqlite}INSERT INTO audit_listed (id, until) VALUES (1, 0);

-- Instances that share the database, and tasks that one of them does for all.
CREATE TABLE IF NOT EXISTS lease (name TEXT PRIMARY KEY, holder TEXT NOT NULL, held_until BIGINT NOT NULL);
CREATE TABLE instance (
  name TEXT PRIMARY KEY, process_id TEXT NOT NULL, host TEXT NOT NULL, version TEXT NOT NULL, started_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL, configuration_version BIGINT NOT NULL, facts TEXT NOT NULL, keys_version BIGINT
);
CREATE INDEX instance_seen ON instance (seen_at);

-- Sealed values do not compress, so PostgreSQL does not try.
{in_postgres}ALTER TABLE journey_session ALTER COLUMN state SET STORAGE EXTERNAL;
{in_postgres}ALTER TABLE push_message ALTER COLUMN sealed SET STORAGE EXTERNAL;
{in_postgres}ALTER TABLE push_message ALTER COLUMN claims SET STORAGE EXTERNAL;
{in_postgres}ALTER TABLE device ALTER COLUMN sealed SET STORAGE EXTERNAL;
{in_postgres}ALTER TABLE oath_device ALTER COLUMN sealed SET STORAGE EXTERNAL;
{in_postgres}ALTER TABLE outbox ALTER COLUMN payload SET STORAGE EXTERNAL;
{in_postgres}ALTER TABLE oauth_parked ALTER COLUMN request SET STORAGE EXTERNAL;
`,
};
