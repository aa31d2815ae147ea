import type { Migration } from './migration.ts';

/** How the phone of a message was rung: what a browser shows is taken back as its request ends (OPS-43). Of messages of before nothing is. */
export const whatRangThePhone: Migration = {
  version: 26,
  name: 'what rang the phone',
  beside: { kind: 'expand', livesWith: 17 },
  sql: `
ALTER TABLE push_message ADD COLUMN communication_type TEXT NOT NULL DEFAULT '';
`,
};
