import type { Migration } from './migration.ts';

/**
 * Who was erased, by ids that name nobody any more: a backup of before has them still, and is erased once more when it is put back (ADR 108).
 */
export const whoWasErased: Migration = {
  version: 31,
  name: 'who was erased',
  beside: { kind: 'expand', livesWith: 17 },
  sql: `
CREATE TABLE erasure (user_id TEXT NOT NULL PRIMARY KEY, realm TEXT NOT NULL, at BIGINT NOT NULL);
`,
};
