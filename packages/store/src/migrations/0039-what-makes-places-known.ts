import type { Migration } from './migration.ts';

/**
 * Each refused guess at a user asks where the user has signed in before. A stranger can add any number of other rows to the audit log of a user, so
 * the sign-ins that have made a place known have indexes with no other rows. A sign-in is in one of both.
 */
export const whatMakesPlacesKnown: Migration = {
  version: 39,
  name: 'what makes places known',
  beside: { kind: 'expand', livesWith: 17 },
  sql: `
CREATE INDEX audit_known_by_factor ON audit (user_id, at)
  WHERE event = 'JOURNEY_END' AND detail LIKE '%"knownBy":"factor"%';
CREATE INDEX audit_known_by_password ON audit (user_id, at)
  WHERE event = 'JOURNEY_END' AND detail LIKE '%"knownBy":"password"%';
`,
};
