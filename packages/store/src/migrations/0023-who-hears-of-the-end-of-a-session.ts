import type { Migration } from './migration.ts';

/** Sessions whose end is told by webhooks are found when their time is over; nearly all others have none. */
export const whoHearsOfTheEndOfASession: Migration = {
  version: 23,
  name: 'who hears of the end of a session',
  beside: { kind: 'expand', livesWith: 17 },
  sql: `
ALTER TABLE session ADD COLUMN has_webhooks BIGINT NOT NULL DEFAULT 0;
CREATE INDEX session_webhooks ON session (expires_at) WHERE has_webhooks = 1;
`,
};
