/**
 * An edition of the metadata of authenticators that was verified, as all instances go by it: one for each place in the list of addresses of a
 * realm. What it says is what its realm has made of it, so that whoever changes roots or addresses begins anew.
 */
export interface AuthenticatorMetadataRow {
  readonly realm: string;
  /** Of the address in the realm's list. */
  readonly place: number;
  /** A digest of the address, and of the roots and the name that it was verified by. */
  readonly source: string;
  /** Of the edition; it never falls while the source is the same (spec: webauthn §5.4). */
  readonly no: number;
  /** In milliseconds. */
  readonly nextUpdate: number;
  readonly readAt: number;
  /** What the edition says of models, as JSON. */
  readonly models: string;
}

/** Fails where the row that there is has the same source and a higher number. */
export type AuthenticatorMetadataChange = {
  readonly type: 'metadata.keep';
  readonly row: AuthenticatorMetadataRow;
};

export interface AuthenticatorMetadataReader {
  get(realm: string, place: number): Promise<AuthenticatorMetadataRow | undefined>;
  /** Without what they say, by their places. */
  ofRealm(realm: string): Promise<readonly Omit<AuthenticatorMetadataRow, 'models'>[]>;
}
