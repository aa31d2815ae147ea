import type { JsonObject } from '../json.ts';

/** What an application may do for a user, and since when; without times where it holds no tokens, and the user has only agreed. */
export interface ApplicationRecord {
  readonly clientId: string;
  readonly rev: string;
  readonly name?: string;
  readonly scopes: readonly { readonly name: string; readonly text?: string }[];
  readonly logoUri?: string;
  readonly since?: number;
  readonly lastUsedAt?: number;
  readonly expiresAt?: number;
  /** When the user agreed last; absent where an application asks each time. */
  readonly agreedAt?: number;
}

const time = (millis: number): string => new Date(millis).toISOString();

/** As AM lists it: a scope that nothing was written of for people has its name for a text. The last three members are ours. */
export const formatApplication = (it: ApplicationRecord): JsonObject => ({
  _id: it.clientId,
  _rev: it.rev,
  name: it.name ?? null,
  // A scope of the name `__proto__` is a member like any other.
  scopes: Object.fromEntries(it.scopes.map(({ name, text }) => [name, text ?? name])),
  expiryDateTime: it.expiresAt === undefined ? null : time(it.expiresAt),
  logoUri: it.logoUri ?? null,
  ...(it.since !== undefined && { startTime: time(it.since) }),
  ...(it.lastUsedAt !== undefined && { latestAccessTime: time(it.lastUsedAt) }),
  ...(it.agreedAt !== undefined && { consentTime: time(it.agreedAt) }),
});
