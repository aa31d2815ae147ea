import type { Session } from '@assent/engine';

type Properties = Readonly<Record<string, string>>;

/** The properties of a session after a change: null takes one away. */
export const withProperties = (before: Properties, changes: Readonly<Record<string, string | null>>): Properties => {
  const after = new Map([...Object.entries(before), ...Object.entries(changes)]);
  return Object.fromEntries([...after].filter((entry): entry is [string, string] => entry[1] !== null));
};

/** When a session is over: by its idle time, or at the latest. */
export const expiryOf = (session: Pick<Session, 'maxExpiresAt' | 'lastUsedAt' | 'maxIdleMillis'>): number =>
  Math.min(session.maxExpiresAt, session.lastUsedAt + session.maxIdleMillis);
