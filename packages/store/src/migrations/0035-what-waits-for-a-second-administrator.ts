import type { Migration } from './migration.ts';

/** Changes of the configuration that wait for a second administrator, where a realm asks for four eyes (ADR 118). */
export const whatWaitsForASecondAdministrator: Migration = {
  version: 35,
  name: 'what waits for a second administrator',
  beside: { kind: 'expand', livesWith: 17 },
  sql: `
CREATE TABLE proposal (
  id TEXT NOT NULL PRIMARY KEY, realm TEXT NOT NULL, proposer TEXT NOT NULL, document {bytes} NOT NULL,
  created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, size BIGINT NOT NULL
);
CREATE INDEX proposal_realm ON proposal (realm, created_at);
CREATE INDEX proposal_proposer ON proposal (proposer);
CREATE INDEX proposal_expiry ON proposal (expires_at);
`,
};
