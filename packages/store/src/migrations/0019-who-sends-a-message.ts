import type { Migration } from './migration.ts';

/** Which instance sends a message, and until when it holds it. What waits at this moment is nobody's, and sent by who comes first. */
export const whoSendsAMessage: Migration = {
  version: 19,
  name: 'who sends a message',
  beside: { kind: 'expand', livesWith: 17 },
  sql: `
ALTER TABLE push_message ADD COLUMN claim_by TEXT;
ALTER TABLE push_message ADD COLUMN claim_until BIGINT NOT NULL DEFAULT 0;
ALTER TABLE push_message ADD COLUMN tries BIGINT NOT NULL DEFAULT 0;
ALTER TABLE push_message ADD COLUMN next_try_at BIGINT NOT NULL DEFAULT 0;
`,
};
