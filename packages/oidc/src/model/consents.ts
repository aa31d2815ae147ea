import type { OAuthClient } from './clients.ts';

/** What a user has agreed to and wants to be asked no more. */
export interface SavedConsent {
  readonly realm: string;
  readonly userId: string;
  readonly clientId: string;
  /** Of the client when the user agreed; a client of another one has to ask again (OIDC-20). */
  readonly clientGeneration?: string;
  readonly scopes: readonly string[];
  /** When the user agreed last, in milliseconds since 1970; absent where it came from a file that does not say. */
  readonly agreedAt?: number;
}

export interface ConsentReader {
  get(userId: string, clientId: string): Promise<SavedConsent | undefined>;
  /** By id of the client, from that of `from` on; `limit` of them at most. */
  ofUser(userId: string, page: { readonly from?: string; readonly limit: number }): Promise<readonly SavedConsent[]>;
}

/** Whether the user agreed to this client, and not to another one that had its id before. */
export const isConsentTo = (
  { realm, id, consentGeneration }: Pick<OAuthClient, 'realm' | 'id' | 'consentGeneration'>,
  saved: SavedConsent,
): boolean => saved.realm === realm && saved.clientId === id && saved.clientGeneration === consentGeneration;

/** The consent after one more: what was agreed to before stays where the same client asked for it, and the later time counts. */
export const afterConsent = (before: SavedConsent | undefined, row: SavedConsent): SavedConsent => {
  const earlier = before?.clientGeneration === row.clientGeneration ? before : undefined;
  const scopes = [...new Set([...(earlier?.scopes ?? []), ...row.scopes])];
  const times = [earlier?.agreedAt, row.agreedAt].filter((time) => time !== undefined);
  return { ...row, scopes, ...(times.length > 0 && { agreedAt: Math.max(...times) }) };
};
