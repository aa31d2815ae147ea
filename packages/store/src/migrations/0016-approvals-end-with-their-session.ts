import type { Migration } from './migration.ts';

/** What no device has fetched yet ends with the session that it was approved in, whatever it was to outlive. */
export const approvalsEndWithTheirSession: Migration = {
  version: 16,
  name: 'approvals end with their session',
  sql: `
ALTER TABLE oauth_pending DROP COLUMN outlives_session;
`,
};
