import type { Session } from '@assent/engine';

/** A session as `SESSION_COLUMNS` has it. */
export type SessionRow = readonly [
  tokenHash: string,
  handle: string,
  realm: string,
  userId: string,
  username: string,
  properties: string,
  createdAt: number,
  lastUsedAt: number,
  maxExpiresAt: number,
  maxIdleMillis: number,
  sid: string,
];
export type EndedRow = readonly [...SessionRow, hasWebhooks: number];

export const SESSION_COLUMNS = `token_hash, handle, realm, user_id, username, properties, created_at, last_used_at, max_expires_at,
  max_idle_millis, sid`;

export const sessionOf = (row: SessionRow | EndedRow): Session => {
  const [tokenHash, handle, realm, userId, username, json, createdAt, lastUsedAt, maxExpiresAt, maxIdleMillis, sid] =
    row;
  const times = { createdAt, lastUsedAt, maxExpiresAt, maxIdleMillis };
  return { tokenHash, handle, sid, realm, userId, username, properties: JSON.parse(json), ...times };
};

export const HAS_WEBHOOKS = 11;
