/**
 * The public key of a passkey as a JWK with its public members and nothing else (RFC 7517, RFC 7518 §6, RFC 8037 §2). The COSE form that an
 * authenticator speaks is made of it where it is needed.
 */
export type PasskeyJwk =
  | { readonly kty: 'EC'; readonly crv: 'P-256' | 'P-384' | 'P-521'; readonly x: string; readonly y: string }
  | { readonly kty: 'RSA'; readonly n: string; readonly e: string }
  | { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string };

/** A registered passkey (WebAuthn Level 3 §4 "credential record"). Nothing of it is secret: whoever reads it cannot sign in with it. */
export interface Passkey {
  readonly uuid: string;
  readonly realm: string;
  readonly userId: string;
  readonly username: string;
  readonly deviceName: string;
  /** In base64url without padding, of at most 1,023 bytes. Within a realm it has one owner (WA-08). */
  readonly credentialId: string;
  /** The text that the authenticator keeps as `user.id`, by its ASCII bytes: all that a user registers here have one; one that was imported has that of AM. */
  readonly userHandle: string;
  readonly publicKey: PasskeyJwk;
  /** The only algorithm that its signatures are taken in: a COSE number, such as -7 for ES256. */
  readonly algorithm: number;
  /** The highest count that was seen; 0 where the authenticator does not count (WA-11). */
  readonly signCount: number;
  /** Whether its user was verified by it at least once. */
  readonly userVerified: boolean;
  /**
   * Whether it may be synced, which never changes (WA-12). Absent on one that another server has not said it of, until its first use here.
   */
  readonly backupEligible?: boolean;
  /** Whether it was synced when it was last used. */
  readonly backedUp: boolean;
  /** The model of its authenticator, as a UUID; all zeros where it says none. A claim unless `attestation` is `CA` (WA-23). */
  readonly aaguid: string;
  /** How its authenticator is reached, as the browser has told: `usb`, `internal`, `hybrid` … */
  readonly transports: readonly string[];
  readonly attachment?: 'platform' | 'cross-platform';
  /** `CA`: by a chain up to a root that the realm trusts. `BASIC`: by a chain that proves nothing. `SELF`: by its own key. */
  readonly attestation: 'NONE' | 'SELF' | 'BASIC' | 'CA';
  /** The relying party that it is good for. Absent on one that another server has not said it of, until its first use here. */
  readonly rpId?: string;
  /** Milliseconds since 1970, as all times below. */
  readonly createdAt: number;
  readonly lastAccessAt: number;
  /** When it last counted otherwise than a single authenticator does: somebody may have a copy of it (WebAuthn Level 3 §6.1.1). */
  readonly counterMismatchAt?: number;
  readonly rev: number;
}

export interface PasskeyReader {
  /** Newest first. */
  ofUser(userId: string): Promise<readonly Passkey[]>;
  /** Whoever it belongs to in the realm. */
  byCredentialId(realm: string, credentialId: string): Promise<Passkey | undefined>;
  get(uuid: string): Promise<Passkey | undefined>;
  /** How many of a realm are known to be good for another relying party alone; it counts up to `limit`. */
  countOfOtherRelyingParty(realm: string, rpId: string, limit: number): Promise<number>;
}

export type PasskeyChange =
  /** Fails where the user has `maxDevices` of them already, and where anybody in the realm has that credential (WA-08, WA-19). */
  | { readonly type: 'passkey.insert'; readonly row: Passkey; readonly maxDevices: number }
  /** Gives it the name of `row`, and nothing else of it: a count never falls by it. Fails unless the stored rev is `row.rev`. */
  | { readonly type: 'passkey.update'; readonly row: Passkey }
  /**
   * Somebody has signed in with it. Fails where it is gone (WA-32); and, unless it is told as a mismatch, where the stored count is not below
   * the one that was sent and either is not 0, so that of two answers with one count one gets in. A count never falls: with a mismatch it
   * stays, and `counterMismatchAt` says when. Neither does `lastAccessAt`, and who was verified once stays so (WA-11).
   */
  | {
      readonly type: 'passkey.used';
      readonly uuid: string;
      readonly signCount: number;
      readonly mismatch: boolean;
      readonly userVerified: boolean;
      readonly backedUp: boolean;
      /** Kept where nothing is known of it yet, and then for good (WA-12). */
      readonly backupEligible?: boolean;
      /** Kept where nothing is known of it yet, and then for good. */
      readonly rpId?: string;
      readonly at: number;
    }
  /** Removes it, and with the last one the codes of type `webauthn`; fails where it is gone already. */
  | { readonly type: 'passkey.delete'; readonly uuid: string }
  /** With the codes of type `webauthn`. Never fails. */
  | { readonly type: 'passkey.deleteAll'; readonly userId: string };

/** Whether a count follows on the stored one: it is higher, or the authenticator does not count at all (WebAuthn Level 3 §6.1.1). */
export const countFollows = (stored: number, sent: number): boolean => stored < sent || (stored === 0 && sent === 0);
