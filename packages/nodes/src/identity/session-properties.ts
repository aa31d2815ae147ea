import type { Session } from '@assent/engine';
import { universalIdOf } from './users/universal-id.ts';

const timestampOf = (millis: number): string => new Date(millis).toISOString().replace(/\.\d+Z$/, 'Z');

/** What can be asked of a session by name: its properties, and what AM keeps as properties and we know without. */
export const sessionDataOf = (session: Session): Readonly<Record<string, string>> => ({
  authInstant: timestampOf(session.createdAt),
  ...session.properties,
  Organization: session.realm,
  Principal: universalIdOf(session),
  SessionHandle: session.handle,
  'sun.am.UniversalIdentifier': universalIdOf(session),
  UserId: session.username,
  UserToken: session.username,
});
