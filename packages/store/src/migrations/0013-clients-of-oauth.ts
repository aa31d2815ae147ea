import type { Migration } from './migration.ts';

/** Applications that may ask for tokens. The document is sealed; of the secret there is a digest alone (OIDC-14). */
export const clientsOfOAuth: Migration = {
  version: 13,
  name: 'clients of OAuth',
  sql: `
CREATE TABLE oauth_client (
  realm TEXT NOT NULL, id TEXT NOT NULL, document {bytes} NOT NULL, secret_digest TEXT,
  PRIMARY KEY (realm, id)
);
`,
};
