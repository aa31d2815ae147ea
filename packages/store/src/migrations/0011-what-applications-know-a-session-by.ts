import type { Migration } from './migration.ts';

/**
 * What applications know a session by, which outlives its token. Those that are there have told none of it to anybody, so
 * that their handle, random and their own, serves.
 */
export const whatApplicationsKnowASessionBy: Migration = {
  version: 11,
  name: 'what applications know a session by',
  sql: `
ALTER TABLE session ADD COLUMN sid TEXT NOT NULL DEFAULT '';
UPDATE session SET sid = handle;
`,
};
