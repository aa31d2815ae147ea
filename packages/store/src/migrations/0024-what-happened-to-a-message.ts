import type { Migration } from './migration.ts';

/** What has happened to a message, line by line, and noted by the statements that change it anyway (OPS-50). Of messages of before nothing is known. */
export const whatHappenedToAMessage: Migration = {
  version: 24,
  name: 'what happened to a message',
  beside: { kind: 'expand', livesWith: 17 },
  sql: `
ALTER TABLE push_message ADD COLUMN trace TEXT NOT NULL DEFAULT '';
`,
};
