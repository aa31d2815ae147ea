import type { Migration } from './migration.ts';

/**
 * The metadata of authenticators that a realm goes by, one edition for each of its addresses, so that all instances go by the same and none goes
 * back to an earlier one (spec: webauthn §5.4).
 */
export const whatIsKnownOfAuthenticators: Migration = {
  version: 37,
  name: 'what is known of authenticators',
  beside: { kind: 'expand', livesWith: 17 },
  sql: `
CREATE TABLE authenticator_metadata (
  realm TEXT NOT NULL, place BIGINT NOT NULL, source TEXT NOT NULL, edition BIGINT NOT NULL, next_update BIGINT NOT NULL,
  read_at BIGINT NOT NULL, models TEXT NOT NULL,
  PRIMARY KEY (realm, place)
);
`,
};
