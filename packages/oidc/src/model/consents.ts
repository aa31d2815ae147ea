import type { OAuthClient } from './clients.ts';

/** What a user has agreed to and wants to be asked no more. */
export interface SavedConsent {
  readonly realm: string;
  readonly userId: string;
  readonly clientId: string;
  /** Of the client when the user agreed; a client of another one has to ask again (OIDC-20). */
  readonly clientGeneration?: string;
  readonly scopes: readonly string[];
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

/** The consent after one more: what was agreed to before stays where the same client asked for it. */
export const afterConsent = (before: SavedConsent | undefined, row: SavedConsent): SavedConsent => {
  const scopes = before?.clientGeneration === row.clientGeneration ? (before?.scopes ?? []) : [];
  return { ...row, scopes: [...new Set([...scopes, ...row.scopes])] };
};
