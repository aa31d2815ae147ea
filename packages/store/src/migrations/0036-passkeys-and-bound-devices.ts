import type { Migration } from './migration.ts';

/**
 * Passkeys and bound devices (spec: webauthn §8.1). A credential has one owner in a realm, and so has a key of a bound device: its kid comes
 * first in the primary key, since a commit finds the owner by it before it knows the realm. What another server has not told of a passkey is NULL.
 */
export const passkeysAndBoundDevices: Migration = {
  version: 36,
  name: 'passkeys and bound devices',
  beside: { kind: 'expand', livesWith: 17 },
  sql: `
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

CREATE TABLE bound_device (
  uuid TEXT NOT NULL, realm TEXT NOT NULL, user_id TEXT NOT NULL, username TEXT NOT NULL, device_name TEXT NOT NULL,
  device_id TEXT NOT NULL, jwk TEXT NOT NULL, application_id TEXT NOT NULL, authentication_type TEXT NOT NULL,
  attested BIGINT NOT NULL, created_at BIGINT NOT NULL, last_access_at BIGINT NOT NULL, rev BIGINT NOT NULL,
  PRIMARY KEY (uuid, realm)
);
CREATE INDEX bound_device_owner ON bound_device (user_id);
`,
};
