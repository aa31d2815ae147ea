import type { Migration } from './migration.ts';

/** What could not be sent is kept a while, with its cause; and what tells of a user goes with the user. */
export const whatWasGivenUp: Migration = {
  version: 20,
  name: 'what was given up',
  beside: { kind: 'expand', livesWith: 17 },
  sql: `
ALTER TABLE outbox ADD COLUMN user_id TEXT;
ALTER TABLE outbox ADD COLUMN cause TEXT;
ALTER TABLE outbox ADD COLUMN dead_at BIGINT;
DROP INDEX outbox_due;
CREATE INDEX outbox_due ON outbox (next_try_at) WHERE dead_at IS NULL;
CREATE INDEX outbox_dead ON outbox (dead_at) WHERE dead_at IS NOT NULL;
CREATE INDEX outbox_user ON outbox (user_id) WHERE user_id IS NOT NULL;
`,
};
