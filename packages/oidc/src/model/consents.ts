/** What a user has agreed to and wants to be asked no more. */
export interface SavedConsent {
  readonly realm: string;
  readonly userId: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
}

export interface ConsentReader {
  get(userId: string, clientId: string): Promise<SavedConsent | undefined>;
  /** By id of the client, from that of `from` on; `limit` of them at most. */
  ofUser(userId: string, page: { readonly from?: string; readonly limit: number }): Promise<readonly SavedConsent[]>;
}

/** The scopes after one more consent: what was agreed to before stays. */
export const mergedScopes = (before: readonly string[], scopes: readonly string[]): readonly string[] => [
  ...new Set([...before, ...scopes]),
];
