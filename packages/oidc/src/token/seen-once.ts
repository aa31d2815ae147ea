import { createHash } from 'node:crypto';
import type { OAuthChange } from '../model/changes.ts';
import type { OAuthClient } from '../model/clients.ts';

/** Short, whatever it is made of. */
export const digestOf = (...parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url');

/** By whom what a client shows is counted. */
export const ownerOfClient = ({ realm, id }: Pick<OAuthClient, 'realm' | 'id'>): string =>
  digestOf('client', realm, id);

/** What is seen once, and counted by who shows it: nobody fills the store by showing ever new ones, nor the place of others (OIDC-22). */
export const seenOnce = (
  owner: string,
  seen: { readonly hash: string; readonly expiresAt: number; readonly issuedAt?: number; readonly now: number },
): readonly OAuthChange[] => [
  { type: 'replay.room', owner, now: seen.now },
  { type: 'replay.see', owner, ...seen },
];
