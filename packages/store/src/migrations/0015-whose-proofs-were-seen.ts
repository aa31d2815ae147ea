import type { Migration } from './migration.ts';

/** What is shown once is counted by who shows it. What was seen before is nobody's, and is over in some minutes. */
export const whoseProofsWereSeen: Migration = {
  version: 15,
  name: 'whose proofs were seen',
  sql: `
ALTER TABLE oauth_replay ADD COLUMN owner TEXT NOT NULL DEFAULT '';
CREATE INDEX oauth_replay_owner ON oauth_replay (owner, expires_at);
`,
};
