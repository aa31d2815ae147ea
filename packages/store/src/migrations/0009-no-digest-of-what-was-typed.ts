import type { Migration } from './migration.ts';

/**
 * What a submit was had been kept as an unkeyed digest, by which a password could be guessed at without limit (SEC-55). It is
 * emptied; a retry that is under way meanwhile is refused as a used `authId` is. From here on it is a code by a sealed key.
 */
export const noDigestOfWhatWasTyped: Migration = {
  version: 9,
  name: 'no digest of what was typed',
  sql: `
UPDATE journey_session SET last_nonce = NULL, last_digest = NULL, last_at = NULL WHERE last_digest IS NOT NULL;
ALTER TABLE journey_session RENAME COLUMN last_digest TO last_code;
`,
};
